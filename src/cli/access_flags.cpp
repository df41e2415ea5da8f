#include "cli/access_flags.h"

#include <CLI/App.hpp>
#include <sstream>
#include <utility>

#include "cli/text_file.h"

namespace shimmy::cli {
namespace {

using base::Result;

// A key a line; blank lines and those that begin with # are passed over.
Result<std::vector<std::string>> keys_of(const std::string& path) {
  const auto text = read_text_file(path);
  if (!text) return std::unexpected(text.error());
  constexpr const char* kBlanks = " \t\r";
  std::vector<std::string> keys;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t begin = line.find_first_not_of(kBlanks);
    if (begin == std::string::npos || line[begin] == '#') continue;
    keys.push_back(line.substr(begin, line.find_last_not_of(kBlanks) + 1 - begin));
  }
  if (!keys.empty()) return keys;
  return base::fail_field("api-key-file", "The file {} has no API key: write one on each line.",
                          path);
}

Result<void> check_limit(const char* flag, std::int64_t value) {
  if (value >= 0) return {};
  return base::fail_field(flag, "--{} must be 0 (no limit) or more.", flag);
}

}  // namespace

void AccessFlags::add_to(CLI::App& app) {
  const auto several = [&](const char* flag, std::vector<std::string>& values, const char* help,
                           const char* type, const char* variable) {
    app.add_option(flag, values, help)
        ->type_name(type)
        ->envname(variable)
        ->delimiter(',')
        ->allow_extra_args(false);
  };
  several("--api-key", options_.api_keys, "clients must send this key, or one of several", "KEY",
          "SHIMMY_API_KEY");
  app.add_option("--api-key-file", key_file_, "the same, a key a line")
      ->type_name("FILE")
      ->envname("SHIMMY_API_KEY_FILE");
  several("--allowed-host", options_.allowed_hosts,
          "a further name that clients may use for this machine; *: any", "NAME",
          "SHIMMY_ALLOWED_HOSTS");
  several("--allowed-origin", options_.allowed_origins,
          "web pages from here may use the server (https://app.example); *: all may", "ORIGIN",
          "SHIMMY_ALLOWED_ORIGINS");
  app.add_option("--rate-limit-requests", options_.requests_per_minute,
                 "requests a minute for each client; 0: no limit")
      ->type_name("N")
      ->envname("SHIMMY_RATE_LIMIT_REQUESTS");
  app.add_option("--rate-limit-tokens", options_.tokens_per_minute,
                 "tokens a minute for each client; 0: no limit")
      ->type_name("N")
      ->envname("SHIMMY_RATE_LIMIT_TOKENS");
}

Result<app::AccessOptions> AccessFlags::options() const {
  app::AccessOptions result = options_;
  for (const auto& [flag, value] : {std::pair{"rate-limit-requests", result.requests_per_minute},
                                    std::pair{"rate-limit-tokens", result.tokens_per_minute}}) {
    if (auto checked = check_limit(flag, value); !checked) {
      return std::unexpected(std::move(checked).error());
    }
  }
  if (key_file_.empty()) return result;
  auto keys = keys_of(key_file_);
  if (!keys) return std::unexpected(std::move(keys).error());
  result.api_keys.insert(result.api_keys.end(), keys->begin(), keys->end());
  return result;
}

}  // namespace shimmy::cli
