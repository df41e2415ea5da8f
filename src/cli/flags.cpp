#include "cli/flags.h"

#include <fmt/core.h>

#include <CLI/App.hpp>
#include <map>

#include "app/kernel_use.h"

namespace shimmy::cli {

using base::Result;

void LogFlags::add_to(CLI::App& app) {
  app.add_flag("-v,--verbose", verbose_, "log everything to stderr");
  app.add_option("--log-level", level_, "debug, info, warning, error or off")
      ->type_name("LEVEL")
      ->envname("SHIMMY_LOG_LEVEL");
  app.add_option("--log-format", format_, "text, or one JSON object a line")
      ->type_name("FORMAT")
      ->envname("SHIMMY_LOG_FORMAT");
}

Result<base::LogLevel> LogFlags::level(base::LogLevel usual) const {
  static const std::map<std::string, base::LogLevel> levels{
      {"debug", base::LogLevel::Debug},     {"info", base::LogLevel::Info},
      {"warning", base::LogLevel::Warning}, {"warn", base::LogLevel::Warning},
      {"error", base::LogLevel::Error},     {"off", base::LogLevel::Off}};
  const auto named = levels.find(level_);
  if (!level_.empty() && named == levels.end()) {
    return base::fail_field(
        "log-level", "\"{}\" is no log level: debug, info, warning, error and off are.", level_);
  }
  if (verbose_) return base::LogLevel::Debug;
  return named == levels.end() ? usual : named->second;
}

Result<base::LogFormat> LogFlags::format() const {
  if (format_ == "json") return base::LogFormat::Json;
  if (format_.empty() || format_ == "text") return base::LogFormat::Text;
  return base::fail_field("log-format", "\"{}\" is no log format: text and json are.", format_);
}

void ModelFlags::add_to(CLI::App& app, const std::string& description) {
  app.add_option("MODEL", positional_, description)->type_name("");
  app.add_option("-m,--model", flag_, "the same as a flag")->type_name("MODEL");
}

Result<std::string> ModelFlags::chosen() const {
  if (positional_.empty()) return flag_;
  if (flag_.empty() || flag_ == positional_) return positional_;
  return base::fail(base::ErrorCode::InvalidRequest, "Two models are named, {} and {}: name one.",
                    positional_, flag_);
}

void add_model_dirs(CLI::App& app, std::vector<std::string>& dirs) {
  app.add_option("--model-dir", dirs,
                 "also look for models here; may be repeated ($SHIMMY_MODEL_PATHS: several, with "
                 "; or : between)")
      ->type_name("DIR")
      ->allow_extra_args(false);
}

void add_engine(CLI::App& app, app::ModelOptions& engine) {
  app.add_option("--ctx", engine.context_tokens,
                 "tokens that the context may grow to; 0: the model's own")
      ->type_name("TOKENS")
      ->envname("SHIMMY_MAX_CTX");
  app.add_option("--threads", engine.threads, "compute threads; 0: one for each core")
      ->type_name("N")
      ->envname("SHIMMY_THREADS");
  app.add_option("--mmap", engine.mmap, "map the file (true) or read it into memory (false)")
      ->type_name("BOOL")
      ->envname("SHIMMY_MMAP");
  add_kernels(app, engine);
}

CLI::Option* add_kernels(CLI::App& app, app::ModelOptions& engine) {
  const auto store = [&engine](const std::string& word) {
    if (word.empty()) return;  // where a command lets it stand alone
    const auto choice = app::parse_kernels(word);
    if (!choice) {
      throw CLI::ValidationError("--kernels",
                                 fmt::format("\"{}\" are none; auto, ggml and shimmy are", word));
    }
    engine.kernels = *choice;
  };
  return app
      .add_option_function<std::string>("--kernels", store,
                                        "that multiply on the CPU: auto, ggml or shimmy (auto)")
      ->type_name("KERNELS")
      ->envname("SHIMMY_KERNELS");
}

}  // namespace shimmy::cli
