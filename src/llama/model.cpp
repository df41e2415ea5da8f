#include "llama/model.h"

#include <llama.h>

#include <array>
#include <exception>
#include <system_error>

#include "llama/log_route.h"
#include "llama/mapped_files.h"

namespace shimmy::llama {
namespace {

std::unexpected<base::Error> load_failure(std::string message, std::string details = {}) {
  return std::unexpected(
      base::Error{base::ErrorCode::ModelLoadFailed, std::move(message), std::move(details), {}});
}

// What happens between two tensors of a load.
class Progress {
 public:
  Progress(const ModelOptions& options, const std::filesystem::path& path)
      : report_(options.progress) {
    if (options.access == FileAccess::MapToCopy) mapped_.emplace(path);
  }

  bool was_stopped() const { return was_stopped_; }

  // False stops the load.
  bool reach(float share) {
    if (share >= next_release_) {
      if (mapped_) mapped_->release_pages();
      next_release_ = share + kReleaseStep;
    }
    if (report_ && !report_(share)) was_stopped_ = true;
    return !was_stopped_;
  }

  void finish() const {
    if (mapped_) mapped_->release_pages();
  }

 private:
  // So much of the weights may be in memory twice, but for a larger tensor.
  static constexpr float kReleaseStep = 1.0F / 32;

  const std::function<bool(float)>& report_;
  std::optional<MappedFiles> mapped_;  // whose pages are given back
  float next_release_ = 0;
  bool was_stopped_ = false;
};

llama_model_params parameters(const ModelOptions& options, Progress& progress) {
  llama_model_params values = llama_model_default_params();
  values.n_gpu_layers = options.gpu_layers;
  values.load_mode = options.access != FileAccess::Read && llama_supports_mmap()
                         ? LLAMA_LOAD_MODE_MMAP
                         : LLAMA_LOAD_MODE_NONE;
  values.check_tensors = options.check_tensors;
  values.vocab_only = options.vocabulary_only;
  values.progress_callback = [](float share, void* user) {
    return static_cast<Progress*>(user)->reach(share);
  };
  values.progress_callback_user_data = &progress;
  return values;
}

std::string description_of(const llama_model* model) {
  std::array<char, 256> text{};
  llama_model_desc(model, text.data(), text.size());
  return text.data();
}

std::optional<std::string> metadata_of(const llama_model* model, const char* key) {
  std::array<char, 1> probe{};
  const std::int32_t length = llama_model_meta_val_str(model, key, probe.data(), probe.size());
  if (length < 0) return std::nullopt;
  std::string value(static_cast<std::size_t>(length) + 1, '\0');
  llama_model_meta_val_str(model, key, value.data(), value.size());
  value.pop_back();
  return value;
}

// The file has the number of llama_pooling_type.
Pooling pooling_of(const std::optional<std::string>& number) {
  if (number == "1") return Pooling::Mean;
  if (number == "2") return Pooling::Cls;
  if (number == "3") return Pooling::Last;
  if (number == "4") return Pooling::Rank;
  return Pooling::None;
}

void read_pooling(const llama_model* model, ModelFacts& facts) {
  facts.pooling = pooling_of(metadata_of(model, (facts.architecture + ".pooling_type").c_str()));
  facts.pooled_size = facts.pooling == Pooling::Rank
                          ? static_cast<std::int32_t>(llama_model_n_cls_out(model))
                          : llama_model_n_embd_out(model);
  if (const char* text = llama_model_chat_template(model, "rerank")) facts.rerank_template = text;
  facts.looks_ahead =
      metadata_of(model, (facts.architecture + ".attention.causal").c_str()) == "false";
}

ModelFacts facts_of(const llama_model* model) {
  ModelFacts facts;
  facts.architecture = metadata_of(model, "general.architecture").value_or("");
  facts.description = description_of(model);
  if (const char* text = llama_model_chat_template(model, /*name=*/nullptr)) {
    facts.chat_template = text;
  }
  facts.parameters = llama_model_n_params(model);
  facts.size_bytes = llama_model_size(model);
  facts.context_tokens = llama_model_n_ctx_train(model);
  facts.embedding_size = llama_model_n_embd(model);
  facts.layers = llama_model_n_layer(model);
  facts.window_tokens = llama_model_n_swa(model);
  facts.is_recurrent = llama_model_is_recurrent(model);
  facts.is_hybrid = llama_model_is_hybrid(model);
  read_pooling(model, facts);
  facts.has_encoder = llama_model_has_encoder(model);
  facts.has_decoder = llama_model_has_decoder(model);
  return facts;
}

base::Result<std::vector<llama_adapter_lora*>> load_adapters(
    llama_model* model, std::span<const std::filesystem::path> paths,
    const LogCapture& complaints) {
  std::vector<llama_adapter_lora*> adapters;
  for (const std::filesystem::path& path : paths) {
    llama_adapter_lora* adapter = llama_adapter_lora_init(model, path.c_str());
    if (adapter == nullptr) {
      return load_failure(
          fmt::format("The adapter {} does not go with the model: llama.cpp refuses it.",
                      path.string()),
          complaints.text());
    }
    adapters.push_back(adapter);
  }
  return adapters;
}

}  // namespace

Model::Model(ModelHandle handle, const ModelOptions& options,
             std::vector<llama_adapter_lora*> adapters)
    : handle_(std::move(handle)),
      has_weights_(!options.vocabulary_only),
      access_(options.access),
      adapters_(std::move(adapters)),
      vocabulary_(llama_model_get_vocab(handle_.get())),
      facts_(facts_of(handle_.get())) {}

base::Result<std::shared_ptr<const Model>> Model::load(const std::filesystem::path& path,
                                                       const ModelOptions& options) {
  std::error_code reason;
  if (!std::filesystem::is_regular_file(path, reason)) {
    return load_failure(fmt::format("Cannot load {}: {}.", path.string(),
                                    reason ? reason.message() : "it is not a file"));
  }
  Progress progress(options, path);
  const LogCapture complaints;
  try {
    ModelHandle handle(llama_model_load_from_file(path.c_str(), parameters(options, progress)));
    if (handle) {
      progress.finish();
      auto adapters = load_adapters(handle.get(), options.adapters, complaints);
      if (!adapters) return std::unexpected(std::move(adapters).error());
      return std::shared_ptr<const Model>(
          new Model(std::move(handle), options, std::move(*adapters)));
    }
  } catch (const std::exception& error) {
    return load_failure(fmt::format("Cannot load {}: {}.", path.string(), error.what()),
                        complaints.text());
  }
  if (progress.was_stopped()) {
    return base::fail(base::ErrorCode::Cancelled, "Loading {} was stopped.", path.string());
  }
  return load_failure(
      fmt::format("llama.cpp cannot load {}: the file is damaged, of a kind it does not know, or "
                  "too large for the memory",
                  path.string()),
      complaints.text());
}

std::optional<std::string> Model::metadata(const std::string& key) const {
  return metadata_of(handle_.get(), key.c_str());
}

}  // namespace shimmy::llama
