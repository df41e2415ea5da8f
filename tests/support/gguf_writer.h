// Writes GGUF files for tests, sound ones and hostile ones.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace shimmy::support {

// The file's numbers for the types of values and of some tensors.
enum class GgufType : std::uint32_t {
  Uint8,
  Int8,
  Uint16,
  Int16,
  Uint32,
  Int32,
  Float32,
  Bool,
  String,
  Array,
  Uint64,
  Int64,
  Float64,
};
constexpr std::uint32_t kF32 = 0;
constexpr std::uint32_t kF16 = 1;
constexpr std::uint32_t kQ4_0 = 2;
constexpr std::uint32_t kQ4_1 = 3;
constexpr std::uint32_t kQ8_0 = 8;
constexpr std::uint32_t kQ4_K = 12;

// `value` as the bytes of the file; strings with their length.
std::string gguf_u32(std::uint32_t value);
std::string gguf_u64(std::uint64_t value);
std::string gguf_string(std::string_view text);

// Keys and tensors come in the order of the calls; bytes() puts the file together. Nothing is
// checked: the caller may ask for a file that no reader should accept.
class GgufWriter {
 public:
  explicit GgufWriter(std::uint32_t version = 3) : version_(version) {}

  GgufWriter& u16(std::string_view key, std::uint16_t value);
  GgufWriter& u32(std::string_view key, std::uint32_t value);
  GgufWriter& i32(std::string_view key, std::int32_t value);
  GgufWriter& u64(std::string_view key, std::uint64_t value);
  GgufWriter& f32(std::string_view key, float value);
  GgufWriter& boolean(std::string_view key, bool value);
  GgufWriter& text(std::string_view key, std::string_view value);
  GgufWriter& texts(std::string_view key, const std::vector<std::string>& values);
  GgufWriter& i32s(std::string_view key, const std::vector<std::int32_t>& values);
  GgufWriter& f32s(std::string_view key, const std::vector<float>& values);

  // A key with any type number and any bytes behind it.
  GgufWriter& raw(std::string_view key, std::uint32_t type, std::string_view value_bytes);
  GgufWriter& raw(std::string_view key, GgufType type, std::string_view value_bytes);

  // A tensor whose data follow those of the one before, aligned.
  GgufWriter& tensor(std::string_view name, const std::vector<std::uint64_t>& dimensions,
                     std::uint32_t type, std::string_view data);
  // A tensor that claims to lie anywhere and brings no data.
  GgufWriter& tensor_at(std::string_view name, const std::vector<std::uint64_t>& dimensions,
                        std::uint32_t type, std::uint64_t offset);

  // What the head of the file says instead of the true numbers.
  GgufWriter& claim_keys(std::uint64_t count);
  GgufWriter& claim_tensors(std::uint64_t count);

  // How the data are aligned; general.alignment is a key like any other and not written by this.
  GgufWriter& align_to(std::uint64_t alignment);

  std::string bytes() const;
  std::string header_bytes() const;  // without padding and the tensors' data

 private:
  std::uint32_t version_;
  std::uint64_t alignment_ = 32;
  std::uint64_t key_count_ = 0;
  std::uint64_t tensor_count_ = 0;
  std::string keys_;
  std::string tensors_;
  std::string data_;
};

// A small but complete llama model: keys, vocabulary, chat template, two tensors.
GgufWriter small_model();

}  // namespace shimmy::support
