#include "gguf/description.h"

#include <fmt/core.h>

#include <algorithm>
#include <unordered_map>

#include "base/escape.h"
#include "gguf/file_type_names.h"
#include "gguf/text.h"

namespace shimmy::gguf {
namespace {

// The type that holds most bytes; ties go to the lower number, so that the answer is always one.
std::string largest_type(const std::vector<Tensor>& tensors) {
  std::unordered_map<const TensorType*, std::uint64_t> bytes_by_type;
  for (const Tensor& tensor : tensors) bytes_by_type[tensor.type] += tensor.bytes;
  const auto largest = std::ranges::max_element(bytes_by_type, [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second < b.second : a.first->id > b.first->id;
  });
  return largest == bytes_by_type.end() ? std::string() : std::string(largest->first->name);
}

std::string quantization_of(const Header& header) {
  const auto number = header.metadata.unsigned_at("general.file_type");
  const std::string_view name = number ? file_type_name(*number) : std::string_view{};
  return name.empty() ? largest_type(header.tensors) : std::string(name);
}

std::uint64_t parameters_of(const Header& header) {
  std::uint64_t sum = 0;
  for (const Tensor& tensor : header.tensors) sum += tensor.elements;
  return sum;
}

// One number, or the largest of an array with one number a layer.
std::uint64_t largest_number(const Value* value) {
  if (value == nullptr) return 0;
  const Array* array = value->as_array();
  if (array == nullptr) return value->as_unsigned().value_or(0);
  if (array->element != ValueType::Int32 && array->element != ValueType::Uint32) return 0;
  std::uint64_t largest = 0;
  for (std::uint64_t i = 0; i < array->count; ++i) {
    largest = std::max<std::uint64_t>(largest, element_u32(*array, i));
  }
  return largest;
}

std::string text_at(const Metadata& metadata, std::string_view key) {
  return valid_utf8(metadata.string_at(key).value_or(""));
}

std::optional<std::uint32_t> token_at(const Metadata& metadata, std::string_view key) {
  const auto id = metadata.unsigned_at(key);
  return id ? std::optional(static_cast<std::uint32_t>(*id)) : std::nullopt;
}

void describe_sizes(const Header& header, Description& description) {
  const auto number = [&header](std::string_view suffix) {
    return largest_number(header.metadata.find(fmt::format("{}.{}", header.architecture, suffix)));
  };
  description.context_tokens = number("context_length");
  description.layers = number("block_count");
  description.embedding_size = number("embedding_length");
  description.heads = number("attention.head_count");
  description.kv_heads = number("attention.head_count_kv");
  if (description.kv_heads == 0) description.kv_heads = description.heads;
  description.experts = number("expert_count");
  description.experts_used = number("expert_used_count");
  const Array* tokens = header.metadata.array_at("tokenizer.ggml.tokens");
  description.vocabulary_size = tokens != nullptr ? tokens->count : number("vocab_size");
}

}  // namespace

Description describe(const Header& header) {
  const Metadata& metadata = header.metadata;
  Description description;
  description.kind = header.kind;
  description.architecture = std::string(header.architecture);
  description.title = base::escape_control(text_at(metadata, "general.name"));
  description.quantization = quantization_of(header);
  description.parameters = parameters_of(header);
  description.file_bytes = header.file_bytes;
  describe_sizes(header, description);
  description.tokenizer = base::escape_control(text_at(metadata, "tokenizer.ggml.model"));
  description.bos_token = token_at(metadata, "tokenizer.ggml.bos_token_id");
  description.eos_token = token_at(metadata, "tokenizer.ggml.eos_token_id");
  description.chat_template = text_at(metadata, "tokenizer.chat_template");
  description.shard = header.shard;
  return description;
}

}  // namespace shimmy::gguf
