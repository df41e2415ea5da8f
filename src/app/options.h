// What users can set about engines and the server.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "app/bind_address.h"

namespace shimmy::app {

struct ModelOptions {
  std::size_t threads = 0;         // that compute; 0: the cores this process may use
  std::size_t context_tokens = 0;  // of the KV cache that all requests share; 0: as the next says
  std::size_t default_context_tokens = 8192;  // unless the model was trained with fewer
  std::size_t parallel = 0;                   // requests decoded together; 0: the engine chooses
  bool mmap = true;                           // weights are mapped from the file, not copied
};

struct ServeOptions {
  BindAddress bind;
  std::vector<std::string> model_dirs;  // values of --model-dir
  std::string model;  // name or path to load before the first request; empty: none
  ModelOptions engine;
  std::chrono::seconds drain_timeout{30};  // for running requests to finish after a signal
};

}  // namespace shimmy::app
