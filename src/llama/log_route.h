// Where libllama's and ggml's log lines go. Their log state is global to the process.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include "base/log.h"

namespace shimmy::llama {

// Sends every line to `logger` at debug level while it lives: libllama reports expected events
// (an aborted decode, a refused file) as errors, so its levels say nothing about ours. Then puts
// the former callbacks back. One at a time, made and destroyed while no other thread uses libllama.
class LogRoute {
 public:
  explicit LogRoute(base::Logger logger);
  ~LogRoute();
  LogRoute(const LogRoute&) = delete;
  LogRoute& operator=(const LogRoute&) = delete;

 private:
  void receive(int level, const char* text) const;
  void finish_line() const;

  base::Logger logger_;
  void (*former_callback_)() = nullptr;  // of libllama's own type, which this header does not know
  void* former_user_ = nullptr;
};

// Keeps the last warnings and errors that this thread's calls into libllama log while it lives, for
// the details of an Error. Empty when no LogRoute is alive. They nest: the innermost one hears.
class LogCapture {
 public:
  LogCapture();
  ~LogCapture();
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;

  std::string text() const;  // the lines, oldest first, joined by "; "

 private:
  friend class LogRoute;
  void add(std::string_view line);

  static constexpr std::size_t kMaxLines = 4;
  std::deque<std::string> lines_;
  LogCapture* outer_;
};

}  // namespace shimmy::llama
