#include "gguf/key_types.h"

#include <array>
#include <string>

#include "gguf/field.h"
#include "gguf/text.h"

namespace shimmy::gguf {
namespace {

enum class Expected {
  Bool,
  Float32,
  Uint16,
  Uint32,
  Int32,
  String,
  Strings,             // an array
  Int32s,              // an array
  Float32sOrInt32s,    // an array
  Uint32OrOnePerLayer  // one number, or an array of 32-bit integers
};

struct KeyType {
  std::string_view key;
  Expected expected;
};

constexpr std::array kGeneralKeys{
    KeyType{"general.architecture", Expected::String},
    KeyType{"general.type", Expected::String},
    KeyType{"general.name", Expected::String},
    KeyType{"general.file_type", Expected::Uint32},
    KeyType{"general.quantization_version", Expected::Uint32},
    KeyType{"split.no", Expected::Uint16},
    KeyType{"split.count", Expected::Uint16},
    KeyType{"split.tensors.count", Expected::Int32},
    KeyType{"tokenizer.ggml.model", Expected::String},
    KeyType{"tokenizer.ggml.pre", Expected::String},
    KeyType{"tokenizer.ggml.tokens", Expected::Strings},
    KeyType{"tokenizer.ggml.merges", Expected::Strings},
    KeyType{"tokenizer.ggml.scores", Expected::Float32sOrInt32s},
    KeyType{"tokenizer.ggml.token_type", Expected::Int32s},
    KeyType{"tokenizer.ggml.token_type_count", Expected::Uint32},
    KeyType{"tokenizer.ggml.suppress_tokens", Expected::Int32s},
    KeyType{"tokenizer.ggml.add_bos_token", Expected::Bool},
    KeyType{"tokenizer.ggml.add_eos_token", Expected::Bool},
    KeyType{"tokenizer.ggml.add_sep_token", Expected::Bool},
    KeyType{"tokenizer.ggml.add_space_prefix", Expected::Bool},
    KeyType{"tokenizer.ggml.remove_extra_whitespaces", Expected::Bool},
    KeyType{"tokenizer.chat_template", Expected::String},
};

// Each follows the name of the architecture and a dot.
constexpr std::array kModelKeys{
    KeyType{"context_length", Expected::Uint32},
    KeyType{"embedding_length", Expected::Uint32},
    KeyType{"embedding_length_out", Expected::Uint32},
    KeyType{"block_count", Expected::Uint32},
    KeyType{"nextn_predict_layers", Expected::Uint32},
    KeyType{"vocab_size", Expected::Uint32},
    KeyType{"expert_count", Expected::Uint32},
    KeyType{"expert_used_count", Expected::Uint32OrOnePerLayer},
    KeyType{"expert_group_count", Expected::Uint32},
    KeyType{"expert_group_used_count", Expected::Uint32},
    KeyType{"feed_forward_length", Expected::Uint32OrOnePerLayer},
    KeyType{"attention.head_count", Expected::Uint32OrOnePerLayer},
    KeyType{"attention.head_count_kv", Expected::Uint32OrOnePerLayer},
    KeyType{"rope.freq_base", Expected::Float32},
    KeyType{"rope.scaling.type", Expected::String},
    KeyType{"rope.scaling.factor", Expected::Float32},
};

std::string_view wording(Expected expected) {
  switch (expected) {
    case Expected::Bool: return "bool";
    case Expected::Float32: return "float32";
    case Expected::Uint16: return "uint16";
    case Expected::Uint32: return "uint32";
    case Expected::Int32: return "int32";
    case Expected::String: return "string";
    case Expected::Strings: return "array of string";
    case Expected::Int32s: return "array of int32";
    case Expected::Float32sOrInt32s: return "array of float32 or int32";
    case Expected::Uint32OrOnePerLayer: return "uint32 or array of int32";
  }
  return "another type";
}

bool is_of(const Value& value, Expected expected) {
  const Array* array = value.as_array();
  // An array never holds arrays: that stands for "no array" here.
  const ValueType element = array == nullptr ? ValueType::Array : array->element;
  switch (expected) {
    case Expected::Bool: return value.type == ValueType::Bool;
    case Expected::Float32: return value.type == ValueType::Float32;
    case Expected::Uint16: return value.type == ValueType::Uint16;
    case Expected::Uint32: return value.type == ValueType::Uint32;
    case Expected::Int32: return value.type == ValueType::Int32;
    case Expected::String: return value.type == ValueType::String;
    case Expected::Strings: return element == ValueType::String;
    case Expected::Int32s: return element == ValueType::Int32;
    case Expected::Float32sOrInt32s:
      return element == ValueType::Float32 || element == ValueType::Int32;
    case Expected::Uint32OrOnePerLayer:
      return value.type == ValueType::Uint32 || element == ValueType::Int32 ||
             element == ValueType::Uint32;
  }
  return false;
}

base::Result<void> check(std::string_view key, const Value* value, Expected expected) {
  if (value == nullptr || is_of(*value, expected)) return {};
  const Array* array = value->as_array();
  const std::string found = array == nullptr ? std::string(name(value->type))
                                             : fmt::format("array of {}", name(array->element));
  return refuse("key {} is of type {}: {} is expected", quoted(key), found, wording(expected));
}

// tokenizer.ggml.bos_token_id and its like, of which new ones come with new models.
bool is_token_id(std::string_view key) {
  return key.starts_with("tokenizer.ggml.") && key.ends_with("_token_id");
}

}  // namespace

base::Result<void> check_general_key_types(const Metadata& metadata) {
  for (const KeyType& known : kGeneralKeys) {
    if (auto checked = check(known.key, metadata.find(known.key), known.expected); !checked) {
      return checked;
    }
  }
  for (const Entry& entry : metadata.entries()) {
    if (!is_token_id(entry.key)) continue;
    if (auto checked = check(entry.key, &entry.value, Expected::Uint32); !checked) return checked;
  }
  return {};
}

base::Result<void> check_model_key_types(const Metadata& metadata, std::string_view architecture) {
  for (const KeyType& known : kModelKeys) {
    const std::string key = fmt::format("{}.{}", architecture, known.key);
    if (auto checked = check(key, metadata.find(key), known.expected); !checked) return checked;
  }
  return {};
}

}  // namespace shimmy::gguf
