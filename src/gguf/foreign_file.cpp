#include "gguf/foreign_file.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>

#include "gguf/cursor.h"

namespace shimmy::gguf {
namespace {

using namespace std::string_view_literals;

struct Signature {
  std::string_view start;
  std::string_view kind;
};

constexpr std::string_view kOldFormat =
    "a model in a format from before GGUF: convert it with llama.cpp, or get a .gguf of it";

constexpr std::array kSignatures{
    Signature{"\xff\xd8\xff"sv, "a JPEG image"},
    Signature{"\x89PNG"sv, "a PNG image"},
    Signature{"PK\x03\x04"sv, "a ZIP archive, such as a PyTorch checkpoint: convert it to GGUF"},
    Signature{"\x80\x02"sv, "a Python pickle: convert the model to GGUF"},
    Signature{"\x1f\x8b"sv, "a gzip archive: unpack it first"},
    Signature{"\x28\xb5\x2f\xfd"sv, "a zstd archive: unpack it first"},
    Signature{"\x7f"
              "ELF"sv,
              "a program"},
    Signature{"%PDF"sv, "a PDF document"},
    Signature{"lmgg"sv, kOldFormat},
    Signature{"fmgg"sv, kOldFormat},
    Signature{"tjgg"sv, kOldFormat},
    Signature{"algg"sv, kOldFormat},
    Signature{"version https://git-lfs"sv,
              "a Git LFS pointer, not the model itself: run 'git lfs pull' beside it"},
    Signature{"<!DOCTYPE"sv, "a web page: the download got an error page or needs a login"},
    Signature{"<!doctype"sv, "a web page: the download got an error page or needs a login"},
    Signature{"<html"sv, "a web page: the download got an error page or needs a login"},
};

// The length of a JSON object, then the object.
bool is_safetensors(std::span<const std::byte> bytes) {
  Cursor cursor(bytes);
  const auto length = cursor.read<std::uint64_t>();
  const auto brace = cursor.read<char>();
  return length && brace == '{' && *length < (1ULL << 32);
}

bool is_text(std::string_view start) {
  return std::ranges::all_of(start, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return std::isprint(byte) != 0 || std::isspace(byte) != 0 || byte >= 0x80;
  });
}

}  // namespace

std::string_view foreign_kind(std::span<const std::byte> bytes) {
  const std::string_view start(reinterpret_cast<const char*>(bytes.data()),
                               std::min<std::size_t>(bytes.size(), 64));
  for (const Signature& signature : kSignatures) {
    if (start.starts_with(signature.start)) return signature.kind;
  }
  if (is_safetensors(bytes)) return "a safetensors file: convert the model to GGUF";
  if (std::ranges::all_of(start, [](char c) { return c == '\0'; })) {
    return "full of zeros: the download was probably cut off, get it again";
  }
  return is_text(start) ? "a text file"sv : ""sv;
}

}  // namespace shimmy::gguf
