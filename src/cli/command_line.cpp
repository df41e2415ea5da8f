#include "cli/command_line.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <optional>
#include <utility>

#include "app/version.h"
#include "base/near_names.h"

namespace shimmy::cli {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

constexpr const char* kFooter = R"(
Examples:
  shimmy generate --prompt "Hello" --max-tokens 50 --temperature 0.7
  shimmy serve --bind 127.0.0.1:11435
  shimmy list

shimmy COMMAND --help tells more about each.)";

constexpr const char* kGenerateFooter = R"(
Examples:
  shimmy generate --prompt "Hello" --max-tokens 50
  shimmy generate ./phi.gguf -p "Why is the sky blue?" --system "Answer in one sentence."
  cat notes.txt | shimmy generate --json)";

constexpr const char* kServeFooter = R"(
Examples:
  shimmy serve
  shimmy serve --bind 0.0.0.0:8080 --model-dir /data/models)";

// The text that CLI11 puts behind an option; most of its own is noise.
class PlainFormatter final : public CLI::Formatter {
 public:
  PlainFormatter() { column_width(34); }
  std::string make_option_opts(const CLI::Option* option) const override {
    std::string text;
    if (option->get_type_size() != 0) text += " " + option->get_type_name();
    if (!option->get_envname().empty()) text += " ($" + option->get_envname() + ")";
    return text;
  }
};

struct LogFlags {
  bool verbose = false;
  std::string level;
  std::string format;
};

// One parse: the definitions of all flags, and the values that they fill.
class Parser {
 public:
  Parser() {
    app_.name("shimmy");
    app_.description(
        "Runs language models on this machine: at the command line, and as a server\n"
        "that speaks the OpenAI API.");
    app_.footer(kFooter);
    app_.formatter(std::make_shared<PlainFormatter>());
    app_.require_subcommand(0, 1);
    app_.set_version_flag("-V,--version", app::version_line(), "print the version");
    add_common(app_);
    define_generate();
    define_serve();
    define_list();
    define_probe();
    define_diag();
  }

  Result<CommandLine> parse(std::span<const std::string> arguments) {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 wants it
    try {
      app_.parse(reversed);
    } catch (const CLI::CallForHelp&) {
      return CommandLine{PrintText{app_.help()}};
    } catch (const CLI::CallForVersion& version) {
      return CommandLine{PrintText{std::string(version.what()) + '\n'}};
    } catch (const CLI::ParseError& error) {
      return explain(error);
    }
    if (auto known = refuse_unknown(); !known) return std::unexpected(known.error());
    CommandLine result;
    if (auto logged = read_log_flags(result); !logged) return std::unexpected(logged.error());
    auto command = chosen();
    if (!command) return std::unexpected(std::move(command).error());
    result.command = std::move(*command);
    return result;
  }

  std::string help() const { return app_.help(); }

 private:
  void add_common(CLI::App& app) {
    app.set_help_flag("-h,--help", "print this help");
    app.allow_extras();  // so that refuse_unknown() can say what was meant
    app.add_flag("-v,--verbose", log_.verbose, "log everything to stderr");
    app.add_option("--log-level", log_.level, "debug, info, warning, error or off")
        ->type_name("LEVEL")
        ->envname("SHIMMY_LOG_LEVEL");
    app.add_option("--log-format", log_.format, "text, or one JSON object a line")
        ->type_name("FORMAT")
        ->envname("SHIMMY_LOG_FORMAT");
  }

  CLI::App& add_command(const std::string& name, const std::string& description) {
    CLI::App& command = *app_.add_subcommand(name, description);
    command.footer("");  // or it would show the program's
    add_common(command);
    return command;
  }

  static void add_model_dirs(CLI::App& app, std::vector<std::string>& dirs) {
    app.add_option("--model-dir", dirs,
                   "also look for models here; may be repeated ($SHIMMY_MODEL_PATHS: several, with "
                   "; or : between)")
        ->type_name("DIR")
        ->allow_extra_args(false);
  }

  static void add_engine(CLI::App& app, app::ModelOptions& engine) {
    app.add_option("--ctx", engine.context_tokens,
                   "tokens of context; 0: the model's own, at most 8192")
        ->type_name("TOKENS")
        ->envname("SHIMMY_MAX_CTX");
    app.add_option("--threads", engine.threads, "compute threads; 0: one for each core")
        ->type_name("N")
        ->envname("SHIMMY_THREADS");
    app.add_option("--mmap", engine.mmap, "map the file (true) or read it into memory (false)")
        ->type_name("BOOL")
        ->envname("SHIMMY_MMAP");
  }

  void add_model(CLI::App& app, std::string& positional) {
    app.add_option("MODEL", positional, "name or path of a .gguf file ($SHIMMY_MODEL)")
        ->type_name("");
    app.add_option("-m,--model", model_flag_, "the same as a flag")->type_name("MODEL");
  }

  void define_generate() {
    CLI::App& app = add_command("generate", "generate text from a prompt");
    app.footer(kGenerateFooter);
    add_model(app, generate_.model);
    app.add_option("-p,--prompt", generate_.prompt, "the prompt; - or nothing: from stdin")
        ->type_name("TEXT");
    app.add_option("--system", generate_.system, "system message of the chat")->type_name("TEXT");
    app.add_flag("--chat", chat_, "use the model's chat template (default where it has one)");
    app.add_flag("--raw", raw_, "give the prompt to the model as it stands");
    app.add_option("-n,--max-tokens", generate_.max_tokens,
                   "generate at most this many; -1: no limit")
        ->type_name("N")
        ->envname("SHIMMY_MAX_TOKENS");
    define_sampling(app);
    app.add_option("--stop", generate_.stop, "end at this text; may be repeated")
        ->type_name("TEXT")
        ->allow_extra_args(false);
    app.add_flag("--json", generate_.json, "print one JSON object at the end");
    app.add_flag("--stats", generate_.stats, "print speeds to stderr");
    add_engine(app, generate_.engine);
    add_model_dirs(app, generate_.model_dirs);
  }

  void define_sampling(CLI::App& app) {
    generation::Sampling& sampling = generate_.sampling;
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

  void define_serve() {
    CLI::App& app = add_command("serve", "start the server");
    app.footer(kServeFooter);
    app.add_option("MODEL", serve_.model, "load this one at once; the others when asked for")
        ->type_name("");
    app.add_option("-m,--model", model_flag_, "the same as a flag")->type_name("MODEL");
    app.add_option("--bind", bind_, "HOST:PORT or HOST (127.0.0.1:11435)")
        ->type_name("ADDRESS")
        ->envname("SHIMMY_BIND");
    app.add_option("--port", port_, "overrides the port of --bind; 0: any free one")
        ->type_name("PORT")
        ->envname("SHIMMY_PORT");
    app.add_option("--parallel", serve_.engine.parallel, "requests decoded together; 0: 16")
        ->type_name("N")
        ->envname("SHIMMY_PARALLEL");
    app.add_option("--drain-timeout", drain_seconds_, "time for running requests after Ctrl-C (30)")
        ->type_name("SECONDS")
        ->envname("SHIMMY_DRAIN_TIMEOUT");
    add_engine(app, serve_.engine);
    add_model_dirs(app, serve_.model_dirs);
  }

  void define_list() {
    CLI::App& app = add_command("list", "list the models on this machine");
    app.add_flag("--json", list_.json, "print one JSON object");
    app.add_flag("-s,--short", list_.names_only, "print names only");
    app.add_flag("-a,--all", list_.all, "broken files too, with their reasons");
    add_model_dirs(app, list_.model_dirs);
  }

  void define_probe() {
    CLI::App& app = add_command("probe", "load a model and see whether it works");
    add_model(app, probe_.model);
    app.add_flag("--json", probe_.json, "print one JSON object");
    add_engine(app, probe_.engine);
    add_model_dirs(app, probe_.model_dirs);
  }

  void define_diag() {
    CLI::App& app = add_command("diag", "look at machine, models and port: what is wrong?");
    app.add_flag("--json", diag_.json, "print one JSON object");
    add_model_dirs(app, diag_.model_dirs);
  }

  CLI::App& current() {
    const std::vector<CLI::App*> parsed = app_.get_subcommands();
    return parsed.empty() ? app_ : *parsed.front();
  }

  std::string ask_for_help() {
    CLI::App& app = current();
    return fmt::format("See {} --help.", &app == &app_ ? "shimmy" : "shimmy " + app.get_name());
  }

  std::unexpected<base::Error> explain(const CLI::ParseError& error) {
    std::string text = error.what();
    std::ranges::replace(text, '\n', ' ');
    constexpr std::string_view conversion = "Could not convert: ";
    if (text.starts_with(conversion)) {
      text = "This value is out of range, or of the wrong kind: " + text.substr(conversion.size());
    }
    return fail(ErrorCode::InvalidRequest, "{}. {}", text, ask_for_help());
  }

  Result<void> refuse_unknown() {
    CLI::App& app = current();
    const std::vector<std::string> before_command = app_.remaining();
    if (&app != &app_ && !before_command.empty()) {
      return fail(ErrorCode::InvalidRequest,
                  "{} must not stand before the command. Write shimmy {} first.",
                  before_command.front(), app.get_name());
    }
    const std::vector<std::string> unknown = app.remaining();
    if (unknown.empty()) return {};
    const std::string word = unknown.front().substr(0, unknown.front().find('='));
    std::vector<std::string> names;
    if (word.starts_with('-')) {
      for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
      }
    } else if (&app == &app_) {
      for (const CLI::App* command : app_.get_subcommands({})) names.push_back(command->get_name());
    }
    const std::vector<std::string> near = base::near_names(word, names, 2);
    const std::string hint =
        near.empty() ? ask_for_help() : fmt::format("Did you mean {}?", fmt::join(near, " or "));
    if (word.starts_with('-')) {
      return fail(ErrorCode::InvalidRequest, "There is no flag {}. {}", word, hint);
    }
    if (&app == &app_) {
      return fail(ErrorCode::InvalidRequest, "There is no command {}. {}", word, hint);
    }
    return fail(ErrorCode::InvalidRequest, "What is \"{}\"? {} does not take it. {}", word,
                app.get_name(), hint);
  }

  Result<void> read_log_flags(CommandLine& result) const {
    static const std::map<std::string, base::LogLevel> levels{
        {"debug", base::LogLevel::Debug},     {"info", base::LogLevel::Info},
        {"warning", base::LogLevel::Warning}, {"warn", base::LogLevel::Warning},
        {"error", base::LogLevel::Error},     {"off", base::LogLevel::Off}};
    if (!log_.level.empty()) {
      const auto level = levels.find(log_.level);
      if (level == levels.end()) {
        return base::fail_field("log-level",
                                "\"{}\" is no log level: debug, info, warning, error and off are.",
                                log_.level);
      }
      result.log_level = level->second;
    } else if (app_.got_subcommand("serve")) {
      result.log_level = base::LogLevel::Info;
    }
    if (log_.verbose) result.log_level = base::LogLevel::Debug;
    if (log_.format == "json") result.log_format = base::LogFormat::Json;
    if (log_.format.empty() || log_.format == "text" || log_.format == "json") return {};
    return base::fail_field("log-format", "\"{}\" is no log format: text and json are.",
                            log_.format);
  }

  // The model as a positional or as a flag, but not two different ones.
  Result<std::string> model(const std::string& positional) const {
    if (positional.empty()) return model_flag_;
    if (model_flag_.empty() || model_flag_ == positional) return positional;
    return fail(ErrorCode::InvalidRequest, "Two models are named, {} and {}: name one.", positional,
                model_flag_);
  }

  Result<Command> chosen() {
    if (app_.got_subcommand("list")) return list_;
    if (app_.got_subcommand("diag")) return diag_;
    if (app_.got_subcommand("generate")) return chosen_generate();
    if (app_.got_subcommand("serve")) return chosen_serve();
    if (app_.got_subcommand("probe")) {
      auto name = model(probe_.model);
      if (!name) return std::unexpected(name.error());
      probe_.model = std::move(*name);
      return probe_;
    }
    return StatusOptions{};
  }

  Result<Command> chosen_generate() {
    auto name = model(generate_.model);
    if (!name) return std::unexpected(name.error());
    if (chat_ && raw_) {
      return fail(ErrorCode::InvalidRequest, "--chat and --raw contradict each other: give one.");
    }
    generate_.model = std::move(*name);
    generate_.sampling.seed = seed_;
    if (chat_) generate_.style = PromptStyle::Chat;
    if (raw_) generate_.style = PromptStyle::Raw;
    return generate_;
  }

  Result<Command> chosen_serve() {
    auto name = model(serve_.model);
    if (!name) return std::unexpected(name.error());
    serve_.model = std::move(*name);
    if (bind_.empty()) {
      if (const char* address = std::getenv("SHIMMY_BIND_ADDRESS")) bind_ = address;
    }
    if (!bind_.empty()) {
      auto bind = app::parse_bind_address(bind_);
      if (!bind) return std::unexpected(std::move(bind).error());
      serve_.bind = std::move(*bind);
    }
    if (port_) serve_.bind.port = *port_;
    if (drain_seconds_ < 0) {
      return base::fail_field("drain-timeout", "--drain-timeout must be 0 seconds or more.");
    }
    serve_.drain_timeout = std::chrono::seconds(drain_seconds_);
    return serve_;
  }

  CLI::App app_;
  LogFlags log_;
  std::string model_flag_;
  GenerateOptions generate_;
  bool chat_ = false;
  bool raw_ = false;
  std::optional<std::uint32_t> seed_;
  ListOptions list_;
  ProbeOptions probe_;
  DiagOptions diag_;
  app::ServeOptions serve_;
  std::string bind_;
  std::optional<std::uint16_t> port_;
  int drain_seconds_ = 30;
};

}  // namespace

Result<CommandLine> parse_command_line(std::span<const std::string> arguments) {
  return Parser().parse(arguments);
}

std::string help_text() { return Parser().help(); }

}  // namespace shimmy::cli
