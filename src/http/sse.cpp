#include "http/sse.h"

#include <string>
#include <string_view>

namespace shimmy::http {
namespace {

// Writes every line of `text` after `prefix`; text without a line end is one line.
void append_lines(std::string& out, std::string_view prefix, std::string_view text) {
  while (true) {
    const std::size_t end = text.find_first_of("\r\n");
    out += prefix;
    out += text.substr(0, end);
    out += '\n';
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + (text.substr(end).starts_with("\r\n") ? 2 : 1));
  }
}

}  // namespace

std::string sse_event(std::string_view data, std::string_view type) {
  std::string event;
  event.reserve(data.size() + type.size() + 24);
  if (!type.empty()) append_lines(event, "event: ", type.substr(0, type.find_first_of("\r\n")));
  append_lines(event, "data: ", data);
  event += '\n';
  return event;
}

std::string sse_comment(std::string_view text) {
  std::string comment;
  append_lines(comment, ": ", text);
  comment += '\n';
  return comment;
}

}  // namespace shimmy::http
