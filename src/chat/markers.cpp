#include "chat/markers.h"

#include <algorithm>

namespace shimmy::chat {

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

void skip_blanks(std::string_view& text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
}

Match starts(std::string_view text, std::string_view marker) {
  if (text.starts_with(marker)) return Match::Yes;
  return marker.starts_with(text) ? Match::Partial : Match::No;
}

Found find_first(std::string_view text, std::span<const std::string> markers) {
  Found found;
  std::size_t longest = 0;
  for (std::size_t i = 0; i < markers.size(); ++i) {
    if (markers[i].empty()) continue;
    longest = std::max(longest, markers[i].size());
    const std::size_t at = text.find(markers[i]);
    const bool is_longer = at == found.at && at != std::string_view::npos &&
                           markers[i].size() > markers[found.which].size();
    if (at < found.at || is_longer) found = {at, i, at};
  }
  // Only what stands before the marker may be handed out, and a longer one may still come there.
  const std::size_t end = text.size();
  const std::size_t from = end > longest ? end - longest : 0;
  for (std::size_t at = from; at < end; ++at) {
    const bool may_start = std::ranges::any_of(markers, [&](const std::string& marker) {
      return !marker.empty() && starts(text.substr(at), marker) == Match::Partial;
    });
    if (!may_start) continue;
    if (at <= found.at) return {std::string_view::npos, 0, at};
    break;
  }
  if (found.at == std::string_view::npos) found.clear = end;
  return found;
}

}  // namespace shimmy::chat
