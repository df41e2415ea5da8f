// Loads models with libllama and starts their engines.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "app/devices.h"
#include "app/kernel_use.h"
#include "app/options.h"
#include "app/page_gatherer.h"
#include "base/error.h"
#include "base/guarded.h"
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

  // To be called before each load. The first call decides for the process: it fails where the CPU
  // cannot run what is asked for, a later one where it asks for other kernels.
  base::Result<void> use_kernels(kernels::Choice choice);

  // Takes note of where the weights of the model went that has just been loaded, and sees to their
  // pages.
  KernelUse note_weights();

  // As of the last note.
  KernelUse kernel_use() const;

 private:
  base::Logger log_;
  std::once_flag once_;
  std::unique_ptr<llama::Backend> backend_;
  base::Guarded<std::optional<kernels::Choice>> kernels_;
  base::Guarded<KernelUse> use_;
  PageGatherer gatherer_;
};

// The factory keeps the backend alive; it must outlive the engines. The factory checks the file's
// header first, so that libllama never sees a file that is broken.
pool::EngineFactory engine_factory(std::shared_ptr<LazyBackend> backend,
                                   const ModelOptions& options, base::Logger log);

std::vector<Device> devices(LazyBackend& backend);

}  // namespace shimmy::app
