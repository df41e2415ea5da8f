#include "app/server_settings.h"

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "app/access_settings.h"
#include "base/quantity.h"

namespace shimmy::app {
namespace {

using std::string_view;
using Texts = std::vector<std::string>;
using Kind = SettingKind;

// In the order of base::LogLevel; the last is another word for Warning.
constexpr std::array<string_view, 6> kLogLevels{"debug", "info", "warning", "error", "off", "warn"};
constexpr std::array<string_view, 2> kLogFormats{"text", "json"};

base::Result<void> check_bind(const SettingValue& value) {
  if (auto address = parse_bind_address(std::get<std::string>(value)); !address) {
    return std::unexpected(std::move(address).error());
  }
  return {};
}

template <std::size_t kCount>
std::size_t index_of(const std::array<string_view, kCount>& words, const SettingValue& value) {
  std::size_t index = 0;
  while (index < kCount && words.at(index) != std::get<std::string>(value)) ++index;
  return index;
}

// A store of another program; see models/.
constexpr Setting<ServeOptions> store(string_view name, string_view help,
                                      void (*disable)(ServeOptions&, const SettingValue&)) {
  return {.rule = {.section = "models.stores",
                   .key = name,
                   .kind = Kind::Boolean,
                   .help = help,
                   .usual = "true",
                   .example = "false",
                   .changes_live = true},
          .store = disable};
}

template <const char* kName>
void disable_unless(ServeOptions& options, const SettingValue& value) {
  if (!std::get<bool>(value)) options.disabled_stores.emplace_back(kName);
}

// As models/ names them.
constexpr char kHuggingFace[] = "hugging face";
constexpr char kOllama[] = "ollama";
constexpr char kLmStudio[] = "lm studio";
constexpr char kLlamaCpp[] = "llama.cpp";
constexpr char kJan[] = "jan";
constexpr char kGpt4All[] = "gpt4all";
constexpr char kDocker[] = "docker";
constexpr char kTextGeneration[] = "text-generation-webui";

constexpr std::array kSettings{
    Setting<ServeOptions>{{.section = "server",
                           .key = "bind",
                           .kind = Kind::Text,
                           .help = "HOST:PORT, HOST or unix:PATH",
                           .usual = "127.0.0.1:11435",
                           .example = R"("127.0.0.1:11435")",
                           .flag = "bind",
                           .variable = "SHIMMY_BIND",
                           .older_variable = "SHIMMY_BIND_ADDRESS",
                           .placeholder = "ADDRESS",
                           .check = check_bind},
                          [](ServeOptions& options, const SettingValue& value) {
                            options.bind = parse_bind_address(std::get<std::string>(value)).value();
                          }},
    Setting<ServeOptions>{{.section = "server",
                           .key = "port",
                           .kind = Kind::Integer,
                           .help = "overrides the port of bind; 0: any free one",
                           .usual = "that of bind",
                           .example = "11435",
                           .flag = "port",
                           .variable = "SHIMMY_PORT",
                           .placeholder = "PORT",
                           .low = 0,
                           .high = 65535},
                          [](ServeOptions& options, const SettingValue& value) {
                            options.bind.port =
                                static_cast<std::uint16_t>(std::get<std::int64_t>(value));
                          }},
    Setting<ServeOptions>{{.section = "server",
                           .key = "tls_cert",
                           .kind = Kind::Path,
                           .help = "PEM file: serve HTTPS with it",
                           .usual = "none",
                           .example = R"("/etc/shimmy/cert.pem")",
                           .flag = "tls-cert",
                           .variable = "SHIMMY_TLS_CERT",
                           .placeholder = "FILE"},
                          [](ServeOptions& options, const SettingValue& value) {
                            options.tls_certificate = std::get<std::string>(value);
                          }},
    Setting<ServeOptions>{{.section = "server",
                           .key = "tls_key",
                           .kind = Kind::Path,
                           .help = "PEM file: its private key",
                           .usual = "none",
                           .example = R"("/etc/shimmy/key.pem")",
                           .flag = "tls-key",
                           .variable = "SHIMMY_TLS_KEY",
                           .placeholder = "FILE"},
                          [](ServeOptions& options, const SettingValue& value) {
                            options.tls_key = std::get<std::string>(value);
                          }},
    Setting<ServeOptions>{{.section = "server",
                           .key = "drain_timeout",
                           .kind = Kind::Duration,
                           .help = "time for running requests after Ctrl-C",
                           .usual = "30s",
                           .example = R"("30s")",
                           .flag = "drain-timeout",
                           .variable = "SHIMMY_DRAIN_TIMEOUT",
                           .placeholder = "DURATION"},
                          [](ServeOptions& options, const SettingValue& value) {
                            options.drain_timeout = std::chrono::ceil<std::chrono::seconds>(
                                base::parse_duration(std::get<std::string>(value)).value());
                          }},
    // The flag and the variable add to it: see configure().
    Setting<ServeOptions>{{.section = "models",
                           .key = "dirs",
                           .kind = Kind::Paths,
                           .help = "also look for models here; so does $SHIMMY_MODEL_PATHS",
                           .usual = "none",
                           .example = R"(["~/models", "/data/models"])",
                           .flag = "model-dir",
                           .placeholder = "DIR",
                           .changes_live = true},
                          [](ServeOptions& options, const SettingValue& value) {
                            options.config_dirs = std::get<Texts>(value);
                          }},
    Setting<ServeOptions>{{.section = "models",
                           .key = "default",
                           .kind = Kind::Text,
                           .help = "load this one at once, and for requests to \"default\"",
                           .usual = "the only one there is",
                           .example = R"("smollm2-135m-instruct")",
                           .flag = "model",
                           .variable = "SHIMMY_MODEL",
                           .placeholder = "MODEL"},
                          [](ServeOptions& options, const SettingValue& value) {
                            options.model = std::get<std::string>(value);
                          }},
    Setting<ServeOptions>{{.section = "models",
                           .key = "preload",
                           .kind = Kind::Texts,
                           .help = "load these at the start, too",
                           .usual = "none",
                           .example = R"(["qwen3-0.6b"])"},
                          [](ServeOptions& options, const SettingValue& value) {
                            options.preload = std::get<Texts>(value);
                          }},
    Setting<ServeOptions>{{.section = "models",
                           .key = "memory",
                           .kind = Kind::Memory,
                           .help = "for all models: a size, or a share of the machine's",
                           .usual = "auto: what is free, less a reserve",
                           .example = R"("80%")",
                           .flag = "memory",
                           .variable = "SHIMMY_MEMORY",
                           .placeholder = "SIZE",
                           .changes_live = true},
                          [](ServeOptions& options, const SettingValue& value) {
                            options.memory = std::get<std::string>(value);
                          }},
    store("huggingface", "models of the Hugging Face cache", disable_unless<kHuggingFace>),
    store("ollama", "models of Ollama", disable_unless<kOllama>),
    store("lmstudio", "models of LM Studio", disable_unless<kLmStudio>),
    store("llamacpp", "models of llama.cpp's cache", disable_unless<kLlamaCpp>),
    store("jan", "models of Jan", disable_unless<kJan>),
    store("gpt4all", "models of GPT4All", disable_unless<kGpt4All>),
    store("docker", "models of Docker's model runner", disable_unless<kDocker>),
    store("textgen", "models of text-generation-webui", disable_unless<kTextGeneration>),
    Setting<ServeOptions>{{.section = "engine",
                           .key = "threads",
                           .kind = Kind::Integer,
                           .help = "compute threads; 0: one for each core",
                           .usual = "0",
                           .example = "4",
                           .flag = "threads",
                           .variable = "SHIMMY_THREADS",
                           .placeholder = "N",
                           .high = 1024},
                          [](ServeOptions& options, const SettingValue& value) {
                            options.engine.threads =
                                static_cast<std::size_t>(std::get<std::int64_t>(value));
                          }},
    Setting<ServeOptions>{{.section = "engine",
                           .key = "mmap",
                           .kind = Kind::Boolean,
                           .help = "map the file (true) or read it into memory (false)",
                           .usual = "true",
                           .example = "false",
                           .flag = "mmap",
                           .variable = "SHIMMY_MMAP",
                           .placeholder = "BOOL"},
                          [](ServeOptions& options, const SettingValue& value) {
                            options.engine.mmap = std::get<bool>(value);
                          }},
    Setting<ServeOptions>{{.section = "log",
                           .key = "level",
                           .kind = Kind::Choice,
                           .help = "how much is logged",
                           .usual = "info",
                           .example = R"("debug")",
                           .flag = "log-level",
                           .variable = "SHIMMY_LOG_LEVEL",
                           .placeholder = "LEVEL",
                           .choices = kLogLevels,
                           .changes_live = true},
                          [](ServeOptions& options, const SettingValue& value) {
                            const std::size_t index = index_of(kLogLevels, value);
                            options.log_level = index + 1 == kLogLevels.size()
                                                    ? base::LogLevel::Warning
                                                    : static_cast<base::LogLevel>(index);
                          }},
    Setting<ServeOptions>{{.section = "log",
                           .key = "format",
                           .kind = Kind::Choice,
                           .help = "text, or one JSON object a line",
                           .usual = "text",
                           .example = R"("json")",
                           .flag = "log-format",
                           .variable = "SHIMMY_LOG_FORMAT",
                           .placeholder = "FORMAT",
                           .choices = kLogFormats},
                          [](ServeOptions& options, const SettingValue& value) {
                            options.log_format =
                                static_cast<base::LogFormat>(index_of(kLogFormats, value));
                          }},
};

}  // namespace

std::span<const Setting<ServeOptions>> server_settings() {
  static const auto all = [] {
    std::vector<Setting<ServeOptions>> joined(kSettings.begin(), kSettings.end());
    const auto access = access_settings();
    joined.insert(joined.end(), access.begin(), access.end());
    return joined;
  }();
  return all;
}

}  // namespace shimmy::app
