// The lines of an answer as they come: NDJSON and server-sent events.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace shimmy::transfer {

// Made to be a Receiver::body: gets pieces, hands on lines.
class LineSplitter {
 public:
  using Use = std::function<base::Result<void>(std::string_view line)>;  // without its end

  explicit LineSplitter(Use use, std::size_t max_line_bytes = std::size_t{16} << 20)
      : use_(std::move(use)), max_line_bytes_(max_line_bytes) {}

  // Lines end with \n or \r\n. Fails where `use` does, and with Io at a line that is too long.
  base::Result<void> add(std::string_view bytes);

  // The last line, where nothing ended it.
  base::Result<void> finish();

 private:
  const Use use_;
  const std::size_t max_line_bytes_;
  std::string rest_;  // the begun line
};

struct SseEvent {
  std::string name;  // "message" where none was given
  std::string data;  // lines joined with \n
};

// Made to be a Receiver::body, too.
class SseReader {
 public:
  using Use = std::function<base::Result<void>(const SseEvent& event)>;

  explicit SseReader(Use use)
      : use_(std::move(use)), lines_([this](std::string_view line) { return take(line); }) {}
  SseReader(const SseReader&) = delete;
  SseReader& operator=(const SseReader&) = delete;

  // An event that its empty line does not end is no event. Fails as LineSplitter::add does.
  base::Result<void> add(std::string_view bytes) { return lines_.add(bytes); }

 private:
  base::Result<void> take(std::string_view line);

  const Use use_;
  LineSplitter lines_;
  std::string name_;
  std::string data_;
  bool has_data_ = false;
};

}  // namespace shimmy::transfer
