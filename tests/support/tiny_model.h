// Writes a tiny llama-architecture GGUF with random weights, for tests that need a real model file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace shimmy::support {

enum class TinyWeights { F32, F16, Q80, Q40 };

// What of a Context's memory the model asks for.
enum class TinyArchitecture {
  Llama,   // attention
  Gemma2,  // attention, every other layer with a sliding window of kTinyWindow tokens
  Mamba,   // recurrent
  Bert,    // none: an encoder
};

// The number of llama_pooling_type that the file names.
enum class TinyPooling { None, Mean, Cls, Last, Rank };

constexpr std::int32_t kTinyWindow = 32;

struct TinyModelOptions {
  TinyArchitecture architecture = TinyArchitecture::Llama;
  std::string name = "tiny";            // of the model, and of its file: <name>.gguf
  std::uint32_t context_tokens = 2048;  // what it claims to be trained with
  std::uint64_t seed = 1;               // of the weights
  TinyWeights weights = TinyWeights::F32;
  bool chat_template = true;                // ChatML
  bool infill = false;                      // the bytes 1, 2 and 3 are its infill tokens
  TinyPooling pooling = TinyPooling::None;  // Rank: with a classifier; for Bert only
  std::uint16_t shards = 1;                 // files; of several the path of the first is given
};

// The same options give the same bytes. Under 2 MB, in well under a second. Its vocabulary is a
// true byte-level BPE: every text can be encoded, and decodes to itself. Throws std::runtime_error.
std::filesystem::path write_tiny_model(const std::filesystem::path& directory,
                                       const TinyModelOptions& options = {});

// The vocabulary that every tiny model has.
struct TinyVocabulary {
  std::vector<std::string> tokens;  // as the file spells them ("Ġthe")
  std::vector<std::int32_t> types;  // llama_token_type
  std::vector<std::string> merges;
  std::int32_t end_of_text = 0;    // "<|endoftext|>": BOS
  std::int32_t message_start = 0;  // "<|im_start|>"
  std::int32_t message_end = 0;    // "<|im_end|>": EOS
};
const TinyVocabulary& tiny_vocabulary();

}  // namespace shimmy::support
