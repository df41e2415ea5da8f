// What users can set about engines and the server.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/bind_address.h"
#include "app/model_rules.h"
#include "app/setting.h"
#include "base/log.h"
#include "kernels/install.h"
#include "models/load_options.h"

namespace shimmy::app {

struct ModelOptions {
  std::size_t threads = 0;         // that compute; 0: the cores this process may use
  std::size_t context_tokens = 0;  // the most that the context may grow to; 0: the model's own
  std::size_t first_context_tokens = 1024;  // that it begins with, at most
  std::size_t parallel = 0;                 // requests decoded together; 0: the engine chooses
  bool mmap = true;  // weights are mapped from the file where that saves memory
  kernels::Choice kernels = kernels::Choice::Auto;  // that multiply on the CPU; one for the process
};

// Who may use the server, and how much. Each client is one key, or one address where none is
// needed.
struct AccessOptions {
  std::vector<std::string> api_keys;         // one of them is needed; empty: none is
  std::string api_key_file;                  // that further ones were read from; empty: none
  std::vector<std::string> allowed_hosts;    // further names for the Host header; "*": any
  std::vector<std::string> allowed_origins;  // further origins of web pages; "*": any
  std::int64_t requests_per_minute = 0;      // of each client; 0: no limit
  std::int64_t tokens_per_minute = 0;        // of each client, prompts included; 0: no limit
};

// Where options come from, so that they can be read again.
struct ConfigSources {
  std::map<std::string, std::vector<std::string>> flags;  // by name without dashes, as given
  std::string file;  // of --config; empty: as find_config_file() says
};

// The value that a setting has, and who says so.
struct EffectiveSetting {
  enum class Source { Default, File, Variable, Flag };  // the later outweigh the earlier

  const SettingRule* rule = nullptr;
  std::string key;                    // "server.bind", "model.\"smol\".system"
  std::optional<SettingValue> value;  // empty: the default, see SettingRule::usual
  Source source = Source::Default;
  std::string place;  // "--port", "$SHIMMY_PORT", "config.toml:3"; empty: Default
};

struct ServeOptions {
  BindAddress bind;
  std::string tls_certificate;  // PEM files; with both, connections are encrypted
  std::string tls_key;
  AccessOptions access;
  std::vector<std::string> model_dirs;       // values of --model-dir
  std::vector<std::string> config_dirs;      // the same of the configuration file
  std::vector<std::string> disabled_stores;  // of models.stores: not to be searched
  std::string model;                 // name or path to load before the first request; empty: none
  std::vector<std::string> preload;  // names of further ones
  ModelRules rules;                  // of single models
  std::string memory = "auto";       // for models: "4GB", "80%", "auto"
  std::uint64_t memory_budget_bytes = 0;  // the same, in bytes; 0: automatic
  models::KeepAlive keep_alive;           // of models that have no other
  bool allow_pull = false;                // requests may get models from the network
  ModelOptions engine;
  std::chrono::seconds drain_timeout{30};  // for running requests to finish after a signal
  std::optional<base::LogLevel> log_level;
  std::optional<base::LogFormat> log_format;

  ConfigSources sources;
  std::string config_file;                 // that was read; empty: none
  std::vector<EffectiveSetting> settings;  // all there are, in the order of the tables
};

}  // namespace shimmy::app
