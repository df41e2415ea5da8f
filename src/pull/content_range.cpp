#include "pull/content_range.h"

#include <charconv>

namespace shimmy::pull {
namespace {

// Reads a number off the front of `text`.
bool take_number(std::string_view& text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

}  // namespace

std::optional<ContentRange> content_range(const transfer::ResponseHead& head) {
  std::string_view text = head.header("content-range");
  ContentRange range;
  std::uint64_t last = 0;
  if (!take(text, "bytes ") || !take_number(text, range.first) || !take(text, "-") ||
      !take_number(text, last) || !take(text, "/") || last < range.first) {
    return {};
  }
  if (text == "*") return range;
  if (!take_number(text, range.total) || !text.empty() || range.total <= last) return {};
  return range;
}

std::string_view validator_of(const transfer::ResponseHead& head) {
  const std::string_view etag = head.header("etag");
  if (etag.starts_with('"')) return etag;
  return head.header("last-modified");
}

}  // namespace shimmy::pull
