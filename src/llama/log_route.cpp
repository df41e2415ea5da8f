#include "llama/log_route.h"

#include <llama.h>

#include <utility>

namespace shimmy::llama {
namespace {

// A line of which libllama has sent the beginning. Per thread, so that lines of two loads at once
// do not mix.
struct PendingLine {
  std::string text;
  int level = GGML_LOG_LEVEL_NONE;
};

// NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables): libllama's log is global too
thread_local PendingLine pending_line;
thread_local LogCapture* innermost_capture = nullptr;
// NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables)

constexpr std::size_t kMaxLineBytes = 16'384;

}  // namespace

LogCapture::LogCapture() : outer_(innermost_capture) { innermost_capture = this; }

LogCapture::~LogCapture() { innermost_capture = outer_; }

void LogCapture::add(std::string_view line) {
  if (lines_.size() == kMaxLines) lines_.pop_front();
  lines_.emplace_back(line);
}

std::string LogCapture::text() const {
  std::string joined;
  for (const std::string& line : lines_) {
    if (!joined.empty()) joined += "; ";
    joined += line;
  }
  return joined;
}

LogRoute::LogRoute(base::Logger logger) : logger_(std::move(logger)) {
  ggml_log_callback former = nullptr;
  llama_log_get(&former, &former_user_);
  former_callback_ = reinterpret_cast<void (*)()>(former);
  llama_log_set([](ggml_log_level level, const char* text,
                   void* route) { static_cast<LogRoute*>(route)->receive(level, text); },
                this);
}

LogRoute::~LogRoute() {
  finish_line();
  llama_log_set(reinterpret_cast<ggml_log_callback>(former_callback_), former_user_);
}

void LogRoute::receive(int level, const char* text) const {
  if (level != GGML_LOG_LEVEL_CONT) {
    finish_line();
    pending_line.level = level;
  }
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    pending_line.text += rest.substr(0, end);
    if (end == std::string_view::npos) break;
    finish_line();
    rest.remove_prefix(end + 1);
  }
  if (pending_line.text.size() > kMaxLineBytes) finish_line();
}

void LogRoute::finish_line() const {
  if (pending_line.text.empty()) return;
  const std::string line = std::exchange(pending_line.text, {});
  const bool is_complaint =
      pending_line.level == GGML_LOG_LEVEL_ERROR || pending_line.level == GGML_LOG_LEVEL_WARN;
  if (is_complaint && innermost_capture != nullptr) innermost_capture->add(line);
  logger_.write(base::LogLevel::Debug, line);
}

}  // namespace shimmy::llama
