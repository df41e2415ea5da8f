#include "app/engine_factory.h"

#include <string>
#include <utility>

#include "app/quiet_thread.h"
#include "base/guarded.h"
#include "base/machine.h"
#include "llama/model.h"
#include "models/describe.h"
#include "models/model_files.h"
#include "pool/memory_estimate.h"
#include "pool/memory_shape.h"
#include "scheduler/llama_engine.h"

namespace shimmy::app {
namespace {

using EngineResult = base::Result<std::shared_ptr<generation::Engine>>;

// Made with the first engine, for all.
class LazyCompute {
 public:
  explicit LazyCompute(const ModelOptions& options) : options_(options) {}

  base::Result<scheduler::SharedCompute> start() {
    return made_.with(
        [&](scheduler::SharedCompute& made) -> base::Result<scheduler::SharedCompute> {
          if (!made.pool) {
            // The results of ggml's kernels may depend on the number of threads.
            const auto own_kernels = kernels::choose_kernels(options_.kernels);
            if (!own_kernels) return std::unexpected(own_kernels.error());
            auto compute =
                scheduler::make_shared_compute(options_.threads, own_kernels->has_value());
            if (!compute) return compute;
            made = std::move(*compute);
          }
          return made;
        });
  }

 private:
  const ModelOptions options_;
  base::Guarded<scheduler::SharedCompute> made_;
};

// What the request asks for, else what was set for all.
base::Result<scheduler::LlamaEngineOptions> engine_options(const ModelOptions& options,
                                                           const pool::LoadRequest& request) {
  const models::LoadOptions& asked = request.options;
  for (const auto& [name, value] :
       {std::pair{"context_tokens", asked.context_tokens}, std::pair{"parallel", asked.parallel}}) {
    if (value == 0U) {
      return base::fail_field(name, "{} must be at least 1: leave it out for the usual one.", name);
    }
  }
  scheduler::LlamaEngineOptions engine;
  engine.context_tokens = asked.context_tokens.value_or(options.context_tokens);
  engine.first_context_tokens = options.first_context_tokens;
  const std::size_t parallel = asked.parallel.value_or(options.parallel);
  if (parallel > 0) engine.max_sequences = parallel;
  engine.key_type = asked.key_type.value_or(engine.key_type);
  engine.value_type = asked.value_type.value_or(engine.value_type);
  engine.memory = request.memory;
  return engine;
}

base::Result<models::Described> describe_again(const models::ModelEntry& entry) {
  if (entry.more_files.empty()) return models::describe(entry.path, models::read_file_facts);
  return models::describe(models::files_of(entry), models::read_file_facts);
}

// What is copied for the kernels need not stay mapped. A file that does not fit beside its copy
// would be read twice if it were mapped: whole, and again what was dropped meanwhile.
llama::FileAccess file_access(const ModelOptions& options, const models::ModelEntry& entry) {
  if (!options.mmap) return llama::FileAccess::Read;
  const auto shape =
      pool::read_memory_shape(models::files_of(entry), packed_weights(options.kernels));
  if (!shape || pool::is_worth_mapping(*shape)) return llama::FileAccess::Map;
  return 2 * shape->tensor_bytes <= base::machine_memory().available_bytes
             ? llama::FileAccess::MapToCopy
             : llama::FileAccess::Read;
}

base::Result<std::shared_ptr<const llama::Model>> load_weights(const ModelOptions& options,
                                                               const pool::LoadRequest& request) {
  llama::ModelOptions model;
  model.more_files = request.entry.more_files;
  model.progress = request.progress;
  model.access = file_access(options, request.entry);
  model.gpu_layers = request.options.gpu_layers.value_or(model.gpu_layers);
  if (request.entry.applies_adapters) {
    for (const std::filesystem::path& adapter : request.entry.adapters) {
      // As with the model: libllama never sees a file that is broken.
      if (auto facts = models::read_file_facts(adapter); !facts) {
        return std::unexpected(std::move(facts).error());
      }
      model.adapters.push_back(adapter);
    }
  }
  if (model.gpu_layers < -1) {
    return base::fail_field(
        "gpu_layers", "gpu_layers is a number of layers, or -1 for all: not {}.", model.gpu_layers);
  }
  return on_quiet_thread([&] { return llama::Model::load(request.entry.path, model); });
}

EngineResult load(LazyBackend& backend, LazyCompute& compute, const ModelOptions& options,
                  const base::Logger& log, const pool::LoadRequest& request) {
  auto engine = engine_options(options, request);
  if (!engine) return std::unexpected(engine.error());
  // The catalog may be old: the file can have changed since.
  if (const auto checked = describe_again(request.entry); !checked) {
    return std::unexpected(checked.error());
  }
  backend.start();
  if (auto ready = backend.use_kernels(options.kernels); !ready) {
    return std::unexpected(std::move(ready).error());
  }
  auto shared = compute.start();
  if (!shared) return std::unexpected(shared.error());
  engine->compute = std::move(*shared);
  const auto model = load_weights(options, request);
  if (!model) return std::unexpected(model.error());
  log.debug("{}: {}", request.entry.name, summary(backend.note_weights()));
  return scheduler::make_llama_engine(*model, std::move(*engine), log);
}

std::string kind_word(llama::DeviceKind kind) {
  switch (kind) {
    case llama::DeviceKind::Cpu: return "cpu";
    case llama::DeviceKind::Gpu: return "gpu";
    case llama::DeviceKind::IntegratedGpu: return "integrated gpu";
    case llama::DeviceKind::Accelerator: return "accelerator";
  }
  return "unknown";
}

}  // namespace

llama::Backend& LazyBackend::start() {
  std::call_once(once_, [this] { backend_ = std::make_unique<llama::Backend>(log_); });
  return *backend_;
}

base::Result<void> LazyBackend::use_kernels(kernels::Choice choice) {
  return kernels_.with([&](std::optional<kernels::Choice>& installed) -> base::Result<void> {
    if (installed == choice) return {};
    auto result = kernels::install(choice, log_);
    if (result) installed = choice;
    return result;
  });
}

KernelUse LazyBackend::note_weights() {
  const std::string name = kernels::description();
  KernelUse use{name, name == "ggml" ? "" : kernels::forced_level(), kernels::take_placements()};
  use_.with([&](KernelUse& kept) { kept = use; });
  gatherer_.begin();
  return use;
}

KernelUse LazyBackend::kernel_use() const { return use_.copy(); }

pool::EngineFactory engine_factory(std::shared_ptr<LazyBackend> backend,
                                   const ModelOptions& options, base::Logger log) {
  return [backend = std::move(backend), compute = std::make_shared<LazyCompute>(options), options,
          log = std::move(log)](const pool::LoadRequest& request) {
    return load(*backend, *compute, options, log, request);
  };
}

std::vector<Device> devices(LazyBackend& backend) {
  std::vector<Device> result;
  for (llama::Device& device : backend.start().devices()) {
    // ggml takes all of the machine's memory for free.
    if (device.kind == llama::DeviceKind::Cpu) {
      device.free_bytes = base::machine_memory().available_bytes;
    }
    result.push_back({kind_word(device.kind), std::move(device.name), std::move(device.description),
                      device.total_bytes, device.free_bytes});
  }
  return result;
}

}  // namespace shimmy::app
