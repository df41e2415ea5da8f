#include "transfer/lines.h"

#include <algorithm>
#include <utility>

namespace shimmy::transfer {

using base::Result;

Result<void> LineSplitter::add(std::string_view bytes) {
  while (true) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    if (end > max_line_bytes_ - rest_.size()) {
      return base::fail(base::ErrorCode::Io, "A line of the answer is longer than {} bytes.",
                        max_line_bytes_);
    }
    rest_ += bytes.substr(0, end);
    if (end == bytes.size()) return {};
    bytes.remove_prefix(end + 1);
    if (auto used = finish(); !used) return used;
  }
}

Result<void> LineSplitter::finish() {
  std::string line = std::exchange(rest_, {});
  if (line.ends_with('\r')) line.pop_back();
  return use_(line);
}

Result<void> SseReader::take(std::string_view line) {
  if (line.empty()) {
    const SseEvent event{name_.empty() ? "message" : std::exchange(name_, {}),
                         std::exchange(data_, {})};
    name_.clear();
    if (!std::exchange(has_data_, false)) return {};
    return use_(event);
  }
  const std::size_t colon = std::min(line.find(':'), line.size());
  const std::string_view field = line.substr(0, colon);
  std::string_view value = line.substr(std::min(colon + 1, line.size()));
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "event") name_ = value;
  if (field == "data") {
    if (std::exchange(has_data_, true)) data_ += '\n';
    data_ += value;
  }
  return {};
}

}  // namespace shimmy::transfer
