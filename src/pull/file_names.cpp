#include "pull/file_names.h"

#include <algorithm>
#include <charconv>

#include "base/letter_case.h"
#include "transfer/url.h"

namespace shimmy::pull {
namespace {

constexpr std::string_view kExtension = ".gguf";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_in_names(char c) {
  return is_letter(c) || is_digit(c) || std::string_view("._-+").find(c) != std::string_view::npos;
}

// The part behind the last "-" or "." of `stem`, and the stem before it.
std::string_view last_part(std::string_view stem) {
  const std::size_t mark = stem.find_last_of("-.");
  return mark == std::string_view::npos ? stem : stem.substr(mark + 1);
}

bool starts_with_number(std::string_view text, std::string_view word) {
  return text.starts_with(word) && text.size() > word.size() && is_digit(text[word.size()]);
}

// `word` in upper case.
bool is_quantization(std::string_view word) {
  return word == "BF16" || word == "F16" || word == "F32" || word == "FP16" || word == "FP32" ||
         starts_with_number(word, "Q") || starts_with_number(word, "IQ") ||
         starts_with_number(word, "TQ") || word.starts_with("MXFP4") || word.starts_with("NVFP4");
}

std::string upper_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return out;
}

}  // namespace

bool is_safe_name(std::string_view name) {
  if (name.empty() || name.size() > 200 || name.front() == '.' || name.front() == '-') return false;
  return std::ranges::all_of(name, is_in_names);
}

std::string safe_path(std::string_view path) {
  std::string out;
  bool begins_part = true;
  for (const char c : path) {
    if (c == '/') {
      if (!begins_part) out += '/';
      begins_part = true;
      continue;
    }
    const bool is_harmless = is_in_names(c) && !(begins_part && (c == '.' || c == '-'));
    out += is_harmless ? c : '_';
    begins_part = false;
  }
  return out;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    unsigned char byte = 0;
    if (text.size() >= 3 && text[0] == '%' &&
        std::from_chars(text.data() + 1, text.data() + 3, byte, 16).ptr == text.data() + 3) {
      out += static_cast<char>(byte);
      text.remove_prefix(3);
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

bool has_gguf_extension(std::string_view path) {
  return path.size() > kExtension.size() &&
         transfer::equal_ignoring_case(path.substr(path.size() - kExtension.size()), kExtension);
}

std::string_view stem_of(std::string_view path) {
  path.remove_prefix(path.rfind('/') + 1);
  if (has_gguf_extension(path)) path.remove_suffix(kExtension.size());
  return path;
}

std::optional<gguf::ShardName> shard_name(std::string_view path) {
  if (!has_gguf_extension(path)) return {};
  path.remove_suffix(kExtension.size());
  return gguf::parse_shard_name(path);
}

std::string shard_path(const gguf::ShardName& shard, std::uint32_t number) {
  return gguf::shard_stem(shard, number).append(kExtension);
}

std::string quantization_in(std::string_view path) {
  const auto shard = shard_name(path);
  const std::string stem = upper_case(stem_of(shard ? std::string_view(shard->base) : path));
  const std::string_view word = last_part(stem);
  if (!is_quantization(word)) return {};
  const std::string_view before = std::string_view(stem).substr(0, stem.size() - word.size());
  // Dynamic quantisations of the same name are files of their own.
  if (before.ends_with("-UD-") || before == "UD-") return "UD-" + std::string(word);
  return std::string(word);
}

bool is_projector(std::string_view path) {
  return base::lowered(stem_of(path)).find("mmproj") != std::string::npos;
}

}  // namespace shimmy::pull
