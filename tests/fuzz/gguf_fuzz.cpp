// Feeds the GGUF header reader bytes that nobody wrote on purpose.
#include <cstddef>
#include <cstdint>
#include <span>

#include "gguf/description.h"
#include "gguf/header.h"
#include "gguf/text.h"

namespace {

using shimmy::gguf::Header;

// Every view must lie within the input: the sanitizers see to that when each byte is looked at.
std::size_t touch(const Header& header) {
  std::size_t sum = 0;
  for (const auto& entry : header.metadata.entries()) {
    sum += shimmy::gguf::quoted(entry.key).size();
    if (const auto text = entry.value.as_string()) sum += shimmy::gguf::valid_utf8(*text).size();
    if (const auto* array = entry.value.as_array()) {
      for (const std::byte byte : array->bytes) sum += std::to_integer<std::size_t>(byte);
    }
  }
  for (const auto& tensor : header.tensors) sum += tensor.name.size() + tensor.bytes;
  return sum;
}

// What a reader may promise to those who trust it.
bool is_sound(const Header& header, std::uint64_t file_bytes) {
  for (const auto& tensor : header.tensors) {
    if (tensor.type == nullptr || tensor.elements == 0) return false;
    if (tensor.offset < header.data_offset || tensor.offset + tensor.bytes > file_bytes) {
      return false;
    }
  }
  const auto description = shimmy::gguf::describe(header);
  return shimmy::gguf::is_plain(description.title) && shimmy::gguf::is_plain(description.tokenizer);
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer calls it by this name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto input = std::as_bytes(std::span(bytes, size));
  // Once as the whole file, once as the head of one that holds all the tensors it may claim.
  for (const std::uint64_t file_bytes : {std::uint64_t{size}, std::uint64_t{1} << 62}) {
    const auto header = shimmy::gguf::parse_header(input, file_bytes);
    if (!header) {
      if (!shimmy::gguf::is_plain(header.error().message)) __builtin_trap();
      continue;
    }
    const volatile std::size_t sum = touch(*header);
    static_cast<void>(sum);
    if (!is_sound(*header, file_bytes)) __builtin_trap();
  }
  return 0;
}
