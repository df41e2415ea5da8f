// What people and the catalog want to know of a model, out of its header alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "gguf/header.h"

namespace shimmy::gguf {

// Owns its text, all of it valid UTF-8. A count is 0 where the file does not say.
struct Description {
  FileKind kind = FileKind::Model;
  std::string architecture;
  std::string title;             // general.name, without control characters; may be empty
  std::string quantization;      // "Q4_1", "Q4_K_M", …; empty without tensors
  std::uint64_t parameters = 0;  // elements of the tensors in this file
  std::uint64_t file_bytes = 0;

  std::uint64_t context_tokens = 0;  // what it was trained for
  std::uint64_t layers = 0;
  std::uint64_t embedding_size = 0;
  std::uint64_t heads = 0;  // the most of any layer, as are kv_heads
  std::uint64_t kv_heads = 0;
  std::uint64_t experts = 0;
  std::uint64_t experts_used = 0;  // for each token

  std::string tokenizer;  // "gpt2", "llama", …; empty: no tokenizer
  std::uint64_t vocabulary_size = 0;
  std::optional<std::uint32_t> bos_token;
  std::optional<std::uint32_t> eos_token;
  std::string chat_template;  // empty: none

  Shard shard;
};

Description describe(const Header& header);

}  // namespace shimmy::gguf
