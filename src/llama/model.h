// A model's weights and vocabulary in memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "llama/handles.h"
#include "llama/vocabulary.h"

namespace shimmy::llama {

// How the weights get into memory.
enum class FileAccess {
  Map,        // they are the mapped file's pages, but for those that a backend wants elsewhere
  MapToCopy,  // backends want most of them elsewhere: the mapped pages are given back meanwhile
  Read,       // nothing is mapped
};

struct ModelOptions {
  // Called on the loading thread with 0 to 1, rising; false stops the load. Empty: nobody asks.
  std::function<bool(float)> progress;
  FileAccess access = FileAccess::Map;
  std::int32_t gpu_layers = -1;  // layers to put on a GPU, where there is one; -1: all
  bool check_tensors = false;    // look for NaN and bad blocks in every weight; slow
  bool vocabulary_only = false;  // no weights: tokenizes, cannot make a Context
  std::vector<std::filesystem::path> adapters;  // LoRA files, which act on every Context
};

// How the vectors of an input's tokens become the one of the input.
enum class Pooling {
  None,  // they do not
  Mean,
  Cls,   // the first token's
  Last,  // the last token's
  Rank,  // a classifier's scores: the model compares two texts
};

struct ModelFacts {
  std::string architecture;   // "llama", "qwen3"
  std::string description;    // "llama 1B Q4_0", in libllama's words
  std::string chat_template;  // Jinja text; empty: the model has none
  std::uint64_t parameters = 0;
  std::uint64_t size_bytes = 0;     // of all tensors
  std::int32_t context_tokens = 0;  // that it was trained with
  std::int32_t embedding_size = 0;
  Pooling pooling = Pooling::None;  // that the file asks for
  std::int32_t pooled_size = 0;     // values of a pooled vector; with Rank: scores
  std::string rerank_template;      // with "{query}" and "{document}"; empty: the model has none
  std::int32_t layers = 0;
  std::int32_t window_tokens = 0;  // of its sliding-window layers; 0: it has none
  bool is_recurrent = false;       // keeps a state in place of a cache (Mamba, RWKV)
  bool is_hybrid = false;          // has recurrent and attention layers
  bool looks_ahead = false;        // a token sees those after it: whole inputs only
  bool has_encoder = false;
  bool has_decoder = false;
};

// Immutable, and shared by every Context made of it: any thread may call any member.
class Model {
 public:
  // Blocks until the weights are there. Fails with ModelLoadFailed (details: what libllama logged)
  // or, when `progress` said no, with Cancelled. For a model in several files name the first.
  static base::Result<std::shared_ptr<const Model>> load(const std::filesystem::path& path,
                                                         const ModelOptions& options = {});

  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  const ModelFacts& facts() const { return facts_; }
  const Vocabulary& vocabulary() const { return vocabulary_; }
  bool has_weights() const { return has_weights_; }  // false: loaded with vocabulary_only
  FileAccess access() const { return access_; }

  // A value of the file's header as text. Empty for unknown keys and for arrays.
  std::optional<std::string> metadata(const std::string& key) const;

  llama_model* raw() const { return handle_.get(); }                           // inside llama/ only
  std::span<llama_adapter_lora* const> adapters() const { return adapters_; }  // the same

 private:
  Model(ModelHandle handle, const ModelOptions& options, std::vector<llama_adapter_lora*> adapters);

  // constant after construction
  ModelHandle handle_;
  bool has_weights_;
  FileAccess access_;
  std::vector<llama_adapter_lora*> adapters_;  // the model frees them
  Vocabulary vocabulary_;
  ModelFacts facts_;
};

}  // namespace shimmy::llama
