#include "app/access_settings.h"

#include <array>
#include <string>
#include <vector>

namespace shimmy::app {
namespace {

using Texts = std::vector<std::string>;
using Kind = SettingKind;

constexpr double kMany = 1e12;

base::Result<void> check_keys(const SettingValue& value) {
  for (const std::string& key : std::get<Texts>(value)) {
    if (key.empty()) {
      return base::fail(
          base::ErrorCode::InvalidRequest,
          "An API key is empty: everybody would know it. Give it at least 16 letters.");
    }
  }
  return {};
}

constexpr std::array kSettings{
    Setting<ServeOptions>{{.section = "limits",
                           .key = "requests_per_minute",
                           .kind = Kind::Integer,
                           .help = "requests a minute for each client; 0: no limit",
                           .usual = "0",
                           .example = "60",
                           .flag = "rate-limit-requests",
                           .variable = "SHIMMY_RATE_LIMIT_REQUESTS",
                           .placeholder = "N",
                           .high = kMany,
                           .changes_live = true},
                          [](ServeOptions& options, const SettingValue& value) {
                            options.access.requests_per_minute = std::get<std::int64_t>(value);
                          }},
    Setting<ServeOptions>{{.section = "limits",
                           .key = "tokens_per_minute",
                           .kind = Kind::Integer,
                           .help = "tokens a minute for each client; 0: no limit",
                           .usual = "0",
                           .example = "100000",
                           .flag = "rate-limit-tokens",
                           .variable = "SHIMMY_RATE_LIMIT_TOKENS",
                           .placeholder = "N",
                           .high = kMany,
                           .changes_live = true},
                          [](ServeOptions& options, const SettingValue& value) {
                            options.access.tokens_per_minute = std::get<std::int64_t>(value);
                          }},
    Setting<ServeOptions>{{.section = "access",
                           .key = "api_keys",
                           .kind = Kind::Texts,
                           .help = "clients must send this key, or one of several",
                           .usual = "none is needed",
                           .example = R"(["${SHIMMY_TEAM_KEY}"])",
                           .flag = "api-key",
                           .variable = "SHIMMY_API_KEY",
                           .placeholder = "KEY",
                           .is_secret = true,
                           .changes_live = true,
                           .check = check_keys},
                          [](ServeOptions& options, const SettingValue& value) {
                            options.access.api_keys = std::get<Texts>(value);
                          }},
    Setting<ServeOptions>{{.section = "access",
                           .key = "api_key_file",
                           .kind = Kind::Path,
                           .help = "further keys, a key a line",
                           .usual = "none",
                           .example = R"("keys.txt")",
                           .flag = "api-key-file",
                           .variable = "SHIMMY_API_KEY_FILE",
                           .placeholder = "FILE",
                           .changes_live = true},
                          [](ServeOptions& options, const SettingValue& value) {
                            options.access.api_key_file = std::get<std::string>(value);
                          }},
    Setting<ServeOptions>{{.section = "access",
                           .key = "allowed_hosts",
                           .kind = Kind::Texts,
                           .help = "a further name that clients may use for this machine; *: any",
                           .usual = "none",
                           .example = R"(["llm.lan"])",
                           .flag = "allowed-host",
                           .variable = "SHIMMY_ALLOWED_HOSTS",
                           .placeholder = "NAME",
                           .changes_live = true},
                          [](ServeOptions& options, const SettingValue& value) {
                            options.access.allowed_hosts = std::get<Texts>(value);
                          }},
    Setting<ServeOptions>{
        {.section = "access",
         .key = "allowed_origins",
         .kind = Kind::Texts,
         .help = "web pages from here may use the server (https://app.example); *: all may",
         .usual = "none",
         .example = R"(["https://app.example"])",
         .flag = "allowed-origin",
         .variable = "SHIMMY_ALLOWED_ORIGINS",
         .placeholder = "ORIGIN",
         .changes_live = true},
        [](ServeOptions& options, const SettingValue& value) {
          options.access.allowed_origins = std::get<Texts>(value);
        }},
    Setting<ServeOptions>{{.section = "access",
                           .key = "allow_pull",
                           .kind = Kind::Boolean,
                           .help = "requests may get models from the network",
                           .usual = "false",
                           .example = "true",
                           .flag = "allow-pull",
                           .variable = "SHIMMY_ALLOW_PULL"},
                          [](ServeOptions& options, const SettingValue& value) {
                            options.allow_pull = std::get<bool>(value);
                          }},
};

}  // namespace

std::span<const Setting<ServeOptions>> access_settings() { return kSettings; }

}  // namespace shimmy::app
