// Loads models with libllama and starts their engines.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "app/devices.h"
#include "app/options.h"
#include "base/log.h"
#include "llama/backend.h"
#include "pool/model_pool.h"

namespace shimmy::app {

// The libllama of this process, started when first needed: commands that load nothing do not pay
// for it. Any thread.
class LazyBackend {
 public:
  explicit LazyBackend(base::Logger log) : log_(std::move(log)) {}

  llama::Backend& start();

 private:
  base::Logger log_;
  std::once_flag once_;
  std::unique_ptr<llama::Backend> backend_;
};

// The factory keeps the backend alive; it must outlive the engines. The factory checks the file's
// header first, so that libllama never sees a file that is broken.
pool::EngineFactory engine_factory(std::shared_ptr<LazyBackend> backend,
                                   const ModelOptions& options, base::Logger log);

std::vector<Device> devices(LazyBackend& backend);

}  // namespace shimmy::app
