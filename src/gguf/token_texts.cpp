#include "gguf/token_texts.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <functional>

namespace shimmy::gguf {
namespace {

// Open addressing over token numbers: one block of memory however many tokens there are.
class TextTable {
 public:
  explicit TextTable(const std::vector<std::string_view>& texts)
      : texts_(texts), slots_(std::bit_ceil(texts.size() * 2 + 1)) {}

  // The token of the same text that came before; empty when `token` is the first.
  std::optional<std::uint32_t> insert(std::uint32_t token) {
    const std::size_t hash = std::hash<std::string_view>{}(texts_[token]);
    const auto tag = static_cast<std::uint32_t>(hash >> 32);
    for (std::size_t place = hash;; ++place) {
      Slot& slot = slots_[place & (slots_.size() - 1)];
      if (slot.token_plus_one == 0) {
        slot = {tag, token + 1};
        return std::nullopt;
      }
      const std::uint32_t other = slot.token_plus_one - 1;
      if (slot.tag == tag && texts_[other] == texts_[token]) return other;
    }
  }

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t token_plus_one = 0;  // 0: free
  };

  const std::vector<std::string_view>& texts_;
  std::vector<Slot> slots_;
};

// The empty token whose stand-in name `text` is.
std::optional<std::uint32_t> empty_token_named(std::string_view text,
                                               const std::vector<std::string_view>& texts) {
  constexpr std::string_view kStart = "[EMPTY_";
  if (!text.starts_with(kStart)) return std::nullopt;
  std::uint32_t token = 0;
  std::from_chars(text.data() + kStart.size(), text.data() + text.size(), token);
  if (token >= texts.size() || !texts[token].empty()) return std::nullopt;
  if (text != fmt::format("[EMPTY_{}]", token)) return std::nullopt;
  return token;
}

}  // namespace

std::vector<std::string_view> token_texts(const Array& tokens) {
  std::vector<std::string_view> texts;
  texts.reserve(static_cast<std::size_t>(tokens.count));
  for_each_string(tokens,
                  [&](std::string_view text) { texts.push_back(text.substr(0, text.find('\0'))); });
  return texts;
}

std::optional<std::pair<std::uint32_t, std::uint32_t>> find_duplicate(
    const std::vector<std::string_view>& texts) {
  TextTable table(texts);
  for (std::uint32_t token = 0; token < texts.size(); ++token) {
    if (texts[token].empty()) continue;
    if (const auto empty = empty_token_named(texts[token], texts)) {
      return std::pair(std::min(*empty, token), std::max(*empty, token));
    }
    if (const auto earlier = table.insert(token)) return std::pair(*earlier, token);
  }
  return std::nullopt;
}

}  // namespace shimmy::gguf
