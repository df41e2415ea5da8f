#include "llama/text_fence.h"

#include <algorithm>
#include <array>

namespace shimmy::llama {
namespace {

// U+FDD0: a noncharacter, so no text for interchange has it.
constexpr std::string_view kMark = "\xEF\xB7\x90";
constexpr std::string_view kEscapedMark = "\\ufdd0";  // what tojson may make of it

constexpr std::string_view kBare =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 \n\r\t_-.,:;!?'\"()/+=*\\";

constexpr std::array<std::string_view, 6> kReasoningTags{"<think>",  "</think>",   "[THINK]",
                                                         "[/THINK]", "<thinking>", "</thinking>"};

bool is_bare(char c) { return kBare.contains(c); }

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

std::size_t character_end(std::string_view text, std::size_t at) {
  ++at;
  while (at < text.size() && continues_character(text[at])) ++at;
  return at;
}

void append(std::vector<TemplatePart>& parts, std::string_view text, bool from_content) {
  if (text.empty()) return;
  if (!parts.empty() && parts.back().from_content == from_content) parts.back().text += text;
  else parts.emplace_back(std::string(text), from_content);
}

std::size_t tag_length(std::string_view text) {
  for (const std::string_view tag : kReasoningTags) {
    if (text.starts_with(tag)) return tag.size();
  }
  return 0;
}

std::string fenced(std::string_view text, bool keeps_tags) {
  if (std::ranges::all_of(text, is_bare)) return std::string(text);
  std::string result;
  result.reserve(text.size() + text.size() / 4);
  for (std::size_t at = 0; at < text.size();) {
    if (const std::size_t tag = keeps_tags ? tag_length(text.substr(at)) : 0; tag > 0) {
      result += text.substr(at, tag);
      at += tag;
      continue;
    }
    if (!is_bare(text[at])) result += kMark;
    const std::size_t end = character_end(text, at);
    result += text.substr(at, end - at);
    at = end;
  }
  return result;
}

struct Mark {
  std::size_t at = std::string_view::npos;
  std::size_t size = 0;
};

Mark next_mark(std::string_view text, std::size_t from) {
  const std::size_t raw = text.find(kMark, from);
  const std::size_t escaped = text.substr(0, raw).find(kEscapedMark, from);
  if (escaped != std::string_view::npos) return {escaped, kEscapedMark.size()};
  return {raw, kMark.size()};
}

}  // namespace

std::string fence(std::string_view text) { return fenced(text, /*keeps_tags=*/false); }

std::string fence_answer(std::string_view text) { return fenced(text, /*keeps_tags=*/true); }

void append_unfenced(std::vector<TemplatePart>& parts, std::string_view rendered,
                     bool from_content) {
  std::size_t at = 0;
  for (Mark mark = next_mark(rendered, 0); mark.at != std::string_view::npos;
       mark = next_mark(rendered, at)) {
    append(parts, rendered.substr(at, mark.at - at), from_content);
    at = mark.at + mark.size;
    if (at >= rendered.size()) break;
    const std::size_t end = character_end(rendered, at);
    append(parts, rendered.substr(at, end - at), true);
    at = end;
  }
  if (at < rendered.size()) append(parts, rendered.substr(at), from_content);
}

}  // namespace shimmy::llama
