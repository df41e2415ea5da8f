#include "cli/chat.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <CLI/App.hpp>
#include <iterator>
#include <utility>

#include "app/local_chat.h"
#include "base/escape.h"
#include "cli/chat_loop.h"
#include "cli/chat_place.h"
#include "cli/flags.h"
#include "cli/pull_offer.h"
#include "cli/server_flags.h"

namespace shimmy::cli {
namespace {

using base::Result;

constexpr const char* kFooter = R"(
Examples:
  shimmy run                              a chat with the only model there is
  shimmy run phi "Why is the sky blue?"
  cat notes.txt | shimmy run phi "Sum this up."
  shimmy run phi --server 10.0.0.2:11435
  shimmy run org/repo-GGUF:Q4_K_M         asks to pull it, where it is not here

A running server that has the model is used; else the model is loaded here. One that is not on this
machine is pulled first, if you say so on a terminal; never with --server. /help in a chat tells what
else there is.)";

void add_flags(CLI::App& app, ChatOptions& options) {
  app.footer(kFooter);
  app.add_option("MODEL", options.model, "name or path of a .gguf file ($SHIMMY_MODEL)")
      ->type_name("");
  app.add_option("PROMPT", options.prompt, "one question; nothing: a chat")->type_name("");
  app.add_option("--system", options.system, "system message of the chat")->type_name("TEXT");
  app.add_option("-n,--max-tokens", options.settings.max_tokens,
                 "generate at most this many for an answer; -1: no limit")
      ->type_name("N");
  app.add_option("-t,--temperature", options.settings.temperature, "0: always the likeliest token")
      ->type_name("X");
  app.add_option("--top-p", options.settings.top_p, "keep the likeliest up to this sum; 1: off")
      ->type_name("X");
  app.add_option("--top-k", options.settings.top_k, "keep the K likeliest; 0: off")->type_name("K");
  app.add_option("--min-p", options.settings.min_p,
                 "drop what is below this share of the likeliest")
      ->type_name("X");
  app.add_option("--seed", options.settings.seed, "make the choice repeatable")->type_name("N");
  // In place of the flag that is about the log.
  app.remove_option(app.get_option("--verbose"));
  app.add_flag("-v,--verbose", options.verbose, "print speeds after each answer");
  add_server(app, options.server);
  app.add_flag("--local", options.local, "load the model here, even where a server runs");
  add_engine(app, options.engine);
  add_model_dirs(app, options.model_dirs);
}

// The words of the command line, and behind them what is piped in. Empty: a chat is wanted.
Result<std::string> question(const ChatOptions& options, Terminal& terminal) {
  std::string text = fmt::format("{}", fmt::join(options.prompt, " "));
  if (terminal.in_is_tty) return text;
  std::string piped(std::istreambuf_iterator<char>(terminal.in), {});
  // The newline that echo and editors add is not meant.
  if (piped.ends_with('\n')) piped.pop_back();
  if (piped.find_first_not_of(" \t\r\n") != std::string::npos) {
    text += (text.empty() ? "" : "\n\n") + piped;
  }
  if (!text.empty()) return text;
  return base::fail(base::ErrorCode::InvalidRequest,
                    "There is no prompt. Give one behind the model's name, or pipe it in.");
}

Result<void> check(const models::ModelDefaults& settings) {
  generation::Request request;
  request.prompt = {0};
  app::apply(settings, request);
  return validate(request);
}

// A model that is nowhere here may be pulled first.
Result<ChatPlace> place_or_pull(const ChatOptions& options, Terminal& terminal,
                                const Services& services) {
  auto place = chat_place(options, terminal, services);
  const bool is_missing = !place && place.error().code == base::ErrorCode::ModelNotFound;
  if (!is_missing || options.model.empty()) return place;
  auto name = offer_pull(options.model, place.error(), terminal, services);
  if (!name) return std::unexpected(std::move(name).error());
  ChatOptions pulled = options;
  pulled.model = std::move(*name);
  return chat_place(pulled, terminal, services);
}

int fail_with(const base::Error& error, Terminal& terminal) {
  print_error(terminal, error);
  return exit_code(error);
}

}  // namespace

int chat(const ChatOptions& options, Terminal& terminal, const Services& services) {
  if (const auto checked = check(options.settings); !checked) {
    return fail_with(checked.error(), terminal);
  }
  const auto prompt = question(options, terminal);
  if (!prompt) return fail_with(prompt.error(), terminal);
  const auto place = place_or_pull(options, terminal, services);
  if (!place) return fail_with(place.error(), terminal);
  ChatLoop loop(*place->model, {{}, options.system, options.settings, {}}, terminal,
                services.renewed_stop);
  loop.set_verbose(options.verbose);
  if (!prompt->empty()) return loop.ask(*prompt);
  terminal.err << fmt::format("{} ({}). /help tells what there is; /bye ends.\n",
                              base::escape_control(place->model->name()), place->model->place())
               << std::flush;
  return loop.run(*line_source(terminal));
}

Command run_command() {
  return plain_command<ChatOptions>("run", "chat with a model, or ask it one question", add_flags,
                                    chat);
}

}  // namespace shimmy::cli
