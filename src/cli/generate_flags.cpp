#include "cli/generate_flags.h"

#include <CLI/App.hpp>

namespace shimmy::cli {
namespace {

constexpr const char* kFooter = R"(
Examples:
  shimmy generate --prompt "Hello" --max-tokens 50
  shimmy generate ./phi.gguf -p "Why is the sky blue?" --system "Answer in one sentence."
  cat notes.txt | shimmy generate --json)";

}  // namespace

void GenerateFlags::add_to(CLI::App& app) {
  app.footer(kFooter);
  model_.add_to(app, "name or path of a .gguf file ($SHIMMY_MODEL)");
  app.add_option("-p,--prompt", options_.prompt, "the prompt; - or nothing: from stdin")
      ->type_name("TEXT");
  app.add_option("--system", options_.system, "system message of the chat")->type_name("TEXT");
  app.add_flag("--chat", chat_, "use the model's chat template (default where it has one)");
  app.add_flag("--raw", raw_, "give the prompt to the model as it stands");
  app.add_option("-n,--max-tokens", options_.max_tokens, "generate at most this many; -1: no limit")
      ->type_name("N")
      ->envname("SHIMMY_MAX_TOKENS");
  add_sampling(app);
  app.add_option("--stop", options_.stop, "end at this text; may be repeated")
      ->type_name("TEXT")
      ->allow_extra_args(false);
  app.add_flag("--json", options_.json, "print one JSON object at the end");
  app.add_flag("--stats", options_.stats, "print speeds to stderr");
  add_engine(app, options_.engine);
  add_model_dirs(app, options_.model_dirs);
}

void GenerateFlags::add_sampling(CLI::App& app) {
  generation::Sampling& sampling = options_.sampling;
  app.add_option("-t,--temperature", sampling.temperature, "0: always the likeliest token")
      ->type_name("X")
      ->envname("SHIMMY_TEMPERATURE");
  app.add_option("--top-p", sampling.top_p, "keep the likeliest up to this sum; 1: off")
      ->type_name("X");
  app.add_option("--top-k", sampling.top_k, "keep the K likeliest; 0: off")->type_name("K");
  app.add_option("--min-p", sampling.min_p, "drop what is below this share of the likeliest")
      ->type_name("X");
  app.add_option("--seed", seed_, "make the choice repeatable")->type_name("N");
}

base::Result<GenerateOptions> GenerateFlags::options() const {
  auto model = model_.chosen();
  if (!model) return std::unexpected(std::move(model).error());
  if (chat_ && raw_) {
    return base::fail(base::ErrorCode::InvalidRequest,
                      "--chat and --raw contradict each other: give one.");
  }
  GenerateOptions result = options_;
  result.model = std::move(*model);
  result.sampling.seed = seed_;
  if (chat_) result.style = PromptStyle::Chat;
  if (raw_) result.style = PromptStyle::Raw;
  return result;
}

}  // namespace shimmy::cli
