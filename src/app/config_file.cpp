#include "app/config_file.h"

#include <fmt/core.h>

#include <system_error>
#include <utility>

#include "app/text_file.h"

namespace shimmy::app {

namespace fs = std::filesystem;

fs::path usual_config_file(const models::Environment& environment) {
  // The XDG specification has relative values ignored.
  const fs::path config_home = environment("XDG_CONFIG_HOME").value_or("");
  if (config_home.is_absolute()) return config_home / "shimmy" / "config.toml";
  const std::string home = environment("HOME").value_or("");
  if (home.empty()) return {};
  return fs::path(home) / ".config" / "shimmy" / "config.toml";
}

std::string find_config_file(const std::string& named, const models::Environment& environment) {
  if (!named.empty()) return named;
  if (const auto chosen = environment("SHIMMY_CONFIG").value_or(""); !chosen.empty()) return chosen;
  const fs::path usual = usual_config_file(environment);
  std::error_code error;
  return !usual.empty() && fs::exists(usual, error) ? usual.string() : "";
}

base::Result<ConfigDocument> read_config(const std::string& path,
                                         const models::Environment& environment) {
  const auto text = read_text_file(path);
  if (!text) return std::unexpected(text.error());
  return parse_config(*text, path, environment);
}

std::optional<base::Error> error_of(const ConfigDocument& document) {
  const std::size_t count = document.problems.size();
  if (count == 0) return std::nullopt;
  base::Error error{base::ErrorCode::InvalidRequest,
                    fmt::format("The configuration file {} has {} problem{}.", document.path, count,
                                count == 1 ? "" : "s"),
                    {},
                    "config",
                    "invalid_config"};
  for (const ConfigProblem& problem : document.problems) {
    if (!error.details.empty()) error.details += '\n';
    error.details += to_string(document, problem);
  }
  return error;
}

}  // namespace shimmy::app
