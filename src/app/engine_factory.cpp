#include "app/engine_factory.h"

#include <string>
#include <utility>

#include "llama/model.h"
#include "models/describe.h"
#include "models/memory_estimate.h"
#include "models/memory_shape.h"
#include "scheduler/llama_engine.h"

namespace shimmy::app {
namespace {

using EngineResult = base::Result<std::shared_ptr<generation::Engine>>;

// What ggml copies for its kernels would be in memory twice.
bool is_worth_mapping(const models::ModelEntry& entry) {
  const auto shape = models::read_memory_shape(entry.path);
  return !shape || models::is_worth_mapping(*shape);
}

EngineResult load(LazyBackend& backend, const ModelOptions& options, const base::Logger& log,
                  const models::LoadRequest& request) {
  // The catalog may be old: the file can have changed since.
  if (const auto checked = models::describe(request.entry.path, models::read_file_facts);
      !checked) {
    return std::unexpected(checked.error());
  }
  backend.start();
  llama::ModelOptions model_options;
  model_options.progress = request.progress;
  model_options.use_mmap = options.mmap && is_worth_mapping(request.entry);
  const auto model = llama::Model::load(request.entry.path, model_options);
  if (!model) return std::unexpected(model.error());

  scheduler::LlamaEngineOptions engine_options;
  engine_options.context_tokens = options.context_tokens;
  engine_options.default_context_tokens = options.default_context_tokens;
  engine_options.threads = options.threads;
  if (options.parallel > 0) engine_options.max_sequences = options.parallel;
  return scheduler::make_llama_engine(*model, engine_options, log);
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

models::EngineFactory engine_factory(std::shared_ptr<LazyBackend> backend,
                                     const ModelOptions& options, base::Logger log) {
  return [backend = std::move(backend), options, log = std::move(log)](
             const models::LoadRequest& request) { return load(*backend, options, log, request); };
}

std::vector<Device> devices(LazyBackend& backend) {
  std::vector<Device> result;
  for (llama::Device& device : backend.start().devices()) {
    result.push_back({kind_word(device.kind), std::move(device.name), std::move(device.description),
                      device.total_bytes, device.free_bytes});
  }
  return result;
}

}  // namespace shimmy::app
