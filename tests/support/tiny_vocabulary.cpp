#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "support/tiny_model.h"

namespace shimmy::support {
namespace {

// The numbers of llama_token_type.
constexpr std::int32_t kNormal = 1;
constexpr std::int32_t kControl = 3;

// Words whose every prefix becomes a token, so that each merge has its two parts.
constexpr std::array kWords = {
    " the",   " and",   " of",   " to",    " in",   " is",    " that",  " it",       " was",
    " for",   " on",    " are",  " with",  " as",   " his",   " they",  " be",       " at",
    " one",   " have",  " this", " from",  " or",   " had",   " by",    " hot",      " word",
    " but",   " what",  " some", " we",    " can",  " out",   " other", " were",     " all",
    " there", " when",  " up",   " use",   " your", " how",   " said",  " an",       " each",
    " she",   " which", " you",  " Hello", "Hello", " world", "user",   "assistant", "system",
    "ing",    "tion",   "er",    "ed",     "ly"};

std::string utf8(unsigned code_point) {
  if (code_point < 0x80) return {static_cast<char>(code_point)};
  return {static_cast<char>(0xC0 | (code_point >> 6)),
          static_cast<char>(0x80 | (code_point & 0x3F))};
}

bool is_printable(unsigned byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

// GPT-2's alphabet: printable Latin-1 stands for itself, other bytes for the characters from
// U+0100.
std::array<std::string, 256> byte_symbols() {
  std::array<std::string, 256> symbols;
  unsigned next = 0x100;
  for (unsigned byte = 0; byte < 256; ++byte) {
    symbols[byte] = utf8(is_printable(byte) ? byte : next++);
  }
  return symbols;
}

TinyVocabulary make_vocabulary() {
  const std::array<std::string, 256> symbols = byte_symbols();
  TinyVocabulary vocabulary;
  std::map<std::string, std::int32_t> ids;
  const auto add = [&](const std::string& text, std::int32_t type) {
    const auto [place, is_new] = ids.emplace(text, static_cast<std::int32_t>(ids.size()));
    if (is_new) {
      vocabulary.tokens.push_back(text);
      vocabulary.types.push_back(type);
    }
    return place->second;
  };
  for (const std::string& symbol : symbols) add(symbol, kNormal);
  for (const std::string_view word : kWords) {
    std::string left = symbols[static_cast<unsigned char>(word.front())];
    for (const char letter : word.substr(1)) {
      const std::string& right = symbols[static_cast<unsigned char>(letter)];
      std::string merge = left;
      merge.append(" ").append(right);
      left += right;
      if (!ids.contains(left)) vocabulary.merges.push_back(std::move(merge));
      add(left, kNormal);
    }
  }
  vocabulary.end_of_text = add("<|endoftext|>", kControl);
  vocabulary.message_start = add("<|im_start|>", kControl);
  vocabulary.message_end = add("<|im_end|>", kControl);
  return vocabulary;
}

}  // namespace

const TinyVocabulary& tiny_vocabulary() {
  static const TinyVocabulary vocabulary = make_vocabulary();
  return vocabulary;
}

}  // namespace shimmy::support
