// What commands need of the rest of the program. Tests hand in fakes.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "app/chat_prompt.h"
#include "app/devices.h"
#include "app/kernel_speed.h"
#include "app/kernel_use.h"
#include "app/options.h"
#include "app/serve.h"
#include "base/error.h"
#include "models/catalog.h"
#include "models/model_dirs.h"
#include "pool/model_pool.h"
#include "pull/puller.h"
#include "transfer/http_client.h"

namespace shimmy::cli {

struct Services {
  models::Environment environment;

  // `model_dirs`: values of --model-dir.
  std::function<models::Catalog(std::span<const std::string> model_dirs)> scan;

  std::function<pool::EngineFactory(const app::ModelOptions& options)> engine_factory;

  // What a server started now without flags would be set to.
  std::function<base::Result<app::ServeOptions>()> server_settings;

  app::PromptEncoder encode_prompt;

  std::function<std::vector<app::Device>()> devices;

  // Which kernels multiply: those that the last load took, else those that one would take with the
  // usual settings. Fails where that would.
  std::function<base::Result<app::KernelUse>()> kernel_use;

  std::function<base::Result<app::KernelSpeeds>(const app::KernelSpeedOptions& options,
                                                const app::SpeedProgress& progress)>
      measure_kernels;

  // `directory`: where models go; empty: shimmy's own. Fails where the environment is wrong.
  std::function<base::Result<pull::Puller>(const std::string& directory)> puller;

  // Blocks until `stop` is requested or the server fails.
  std::function<base::Result<void>(const app::ServeOptions& options, const app::Announce& ready,
                                   std::stop_token stop)>
      serve;

  // Requested by Ctrl-C. Before the first call Ctrl-C ends the process at once.
  std::function<std::stop_token()> stop;

  // The same for a session of several pieces of work, asked for before each: a Ctrl-C that has
  // ended one piece does not end the next. SIGTERM does.
  std::function<std::stop_token()> renewed_stop;

  std::shared_ptr<transfer::HttpClient> http;  // to other servers, and to a running shimmy
};

}  // namespace shimmy::cli
