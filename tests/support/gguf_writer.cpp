#include "support/gguf_writer.h"

#include <cstring>

namespace shimmy::support {
namespace {

template <class T>
std::string bytes_of(T value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

void pad(std::string& bytes, std::uint64_t alignment) {
  while (alignment > 1 && bytes.size() % alignment != 0) bytes += '\0';
}

std::string array_head(GgufType element, std::size_t count) {
  return gguf_u32(static_cast<std::uint32_t>(element)) + gguf_u64(count);
}

std::string tensor_entry(std::string_view name, const std::vector<std::uint64_t>& dimensions,
                         std::uint32_t type, std::uint64_t offset) {
  std::string entry = gguf_string(name);
  entry += gguf_u32(static_cast<std::uint32_t>(dimensions.size()));
  for (const std::uint64_t size : dimensions) entry += gguf_u64(size);
  return entry + gguf_u32(type) + gguf_u64(offset);
}

}  // namespace

std::string gguf_u32(std::uint32_t value) { return bytes_of(value); }
std::string gguf_u64(std::uint64_t value) { return bytes_of(value); }
std::string gguf_string(std::string_view text) { return gguf_u64(text.size()).append(text); }

GgufWriter& GgufWriter::u16(std::string_view key, std::uint16_t value) {
  return raw(key, GgufType::Uint16, bytes_of(value));
}
GgufWriter& GgufWriter::u32(std::string_view key, std::uint32_t value) {
  return raw(key, GgufType::Uint32, bytes_of(value));
}
GgufWriter& GgufWriter::i32(std::string_view key, std::int32_t value) {
  return raw(key, GgufType::Int32, bytes_of(value));
}
GgufWriter& GgufWriter::u64(std::string_view key, std::uint64_t value) {
  return raw(key, GgufType::Uint64, bytes_of(value));
}
GgufWriter& GgufWriter::f32(std::string_view key, float value) {
  return raw(key, GgufType::Float32, bytes_of(value));
}
GgufWriter& GgufWriter::boolean(std::string_view key, bool value) {
  return raw(key, GgufType::Bool, std::string(1, value ? '\1' : '\0'));
}
GgufWriter& GgufWriter::text(std::string_view key, std::string_view value) {
  return raw(key, GgufType::String, gguf_string(value));
}

GgufWriter& GgufWriter::texts(std::string_view key, const std::vector<std::string>& values) {
  std::string bytes = array_head(GgufType::String, values.size());
  for (const std::string& value : values) bytes += gguf_string(value);
  return raw(key, GgufType::Array, bytes);
}

GgufWriter& GgufWriter::i32s(std::string_view key, const std::vector<std::int32_t>& values) {
  std::string bytes = array_head(GgufType::Int32, values.size());
  for (const std::int32_t value : values) bytes += bytes_of(value);
  return raw(key, GgufType::Array, bytes);
}

GgufWriter& GgufWriter::f32s(std::string_view key, const std::vector<float>& values) {
  std::string bytes = array_head(GgufType::Float32, values.size());
  for (const float value : values) bytes += bytes_of(value);
  return raw(key, GgufType::Array, bytes);
}

GgufWriter& GgufWriter::raw(std::string_view key, GgufType type, std::string_view value_bytes) {
  return raw(key, static_cast<std::uint32_t>(type), value_bytes);
}

GgufWriter& GgufWriter::raw(std::string_view key, std::uint32_t type,
                            std::string_view value_bytes) {
  keys_ += gguf_string(key);
  keys_ += gguf_u32(type);
  keys_ += value_bytes;
  ++key_count_;
  return *this;
}

GgufWriter& GgufWriter::tensor(std::string_view name, const std::vector<std::uint64_t>& dimensions,
                               std::uint32_t type, std::string_view data) {
  pad(data_, alignment_);
  tensor_at(name, dimensions, type, data_.size());
  data_ += data;
  return *this;
}

GgufWriter& GgufWriter::tensor_at(std::string_view name,
                                  const std::vector<std::uint64_t>& dimensions, std::uint32_t type,
                                  std::uint64_t offset) {
  tensors_ += tensor_entry(name, dimensions, type, offset);
  ++tensor_count_;
  return *this;
}

GgufWriter& GgufWriter::claim_keys(std::uint64_t count) {
  key_count_ = count;
  return *this;
}

GgufWriter& GgufWriter::claim_tensors(std::uint64_t count) {
  tensor_count_ = count;
  return *this;
}

GgufWriter& GgufWriter::align_to(std::uint64_t alignment) {
  alignment_ = alignment;
  return *this;
}

std::string GgufWriter::header_bytes() const {
  return "GGUF" + gguf_u32(version_) + gguf_u64(tensor_count_) + gguf_u64(key_count_) + keys_ +
         tensors_;
}

std::string GgufWriter::bytes() const {
  std::string bytes = header_bytes();
  if (data_.empty()) return bytes;
  pad(bytes, alignment_);
  return bytes + data_;
}

GgufWriter small_model() {
  GgufWriter writer;
  writer.text("general.architecture", "llama")
      .text("general.name", "Small Model")
      .u32("general.file_type", 3)
      .u32("llama.context_length", 2048)
      .u32("llama.embedding_length", 64)
      .u32("llama.block_count", 2)
      .u32("llama.attention.head_count", 4)
      .u32("llama.attention.head_count_kv", 2)
      .text("tokenizer.ggml.model", "gpt2")
      .texts("tokenizer.ggml.tokens", {"<s>", "</s>", "a", "b"})
      .i32s("tokenizer.ggml.token_type", {3, 3, 1, 1})
      .u32("tokenizer.ggml.bos_token_id", 0)
      .u32("tokenizer.ggml.eos_token_id", 1)
      .boolean("tokenizer.ggml.add_bos_token", true)
      .text("tokenizer.chat_template", "{{ messages }}")
      .tensor("token_embd.weight", {64, 4}, kQ4_1, std::string(160, '\1'))
      .tensor("output_norm.weight", {64}, kF32, std::string(256, '\2'));
  return writer;
}

}  // namespace shimmy::support
