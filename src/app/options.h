// What users can set about engines and the server.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "app/bind_address.h"
#include "models/load_options.h"

namespace shimmy::app {

struct ModelOptions {
  std::size_t threads = 0;         // that compute; 0: the cores this process may use
  std::size_t context_tokens = 0;  // of the KV cache that all requests share; 0: as the next says
  std::size_t default_context_tokens = 8192;  // unless the model was trained with fewer
  std::size_t parallel = 0;                   // requests decoded together; 0: the engine chooses
  bool mmap = true;                           // weights are mapped from the file, not copied
};

// Who may use the server, and how much. Each client is one key, or one address where none is
// needed.
struct AccessOptions {
  std::vector<std::string> api_keys;         // one of them is needed; empty: none is
  std::vector<std::string> allowed_hosts;    // further names for the Host header; "*": any
  std::vector<std::string> allowed_origins;  // further origins of web pages; "*": any
  std::int64_t requests_per_minute = 0;      // of each client; 0: no limit
  std::int64_t tokens_per_minute = 0;        // of each client, prompts included; 0: no limit
};

struct ServeOptions {
  BindAddress bind;
  std::string tls_certificate;  // PEM files; with both, connections are encrypted
  std::string tls_key;
  AccessOptions access;
  std::string chat_template;  // in place of the models' own: Jinja, or the name of a family; empty:
                              // their own
  std::vector<std::string> model_dirs;  // values of --model-dir
  std::string model;  // name or path to load before the first request; empty: none
  std::uint64_t memory_budget_bytes = 0;  // for all models together; 0: automatic
  models::KeepAlive keep_alive;           // of models that have no other
  ModelOptions engine;
  std::chrono::seconds drain_timeout{30};  // for running requests to finish after a signal
};

}  // namespace shimmy::app
