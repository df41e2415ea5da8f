#include "cli/chat_printer.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/escape.h"

namespace shimmy::cli {

std::string printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\n\t"), text.size());
    result += base::escape_control(text.substr(0, end));
    if (end < text.size()) result += text[end];
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

bool ChatPrinter::show(const app::ChatPiece& piece) {
  constexpr const char* dim = "\x1b[2m";
  constexpr const char* normal = "\x1b[0m";
  text_ += piece.text;
  if (!terminal_.out_is_tty) return piece.text.empty() || write(piece.text);
  std::string out;
  if (!piece.thoughts.empty()) {
    if (!is_thinking_) out += dim;
    out += printable(piece.thoughts);
    is_thinking_ = true;
  }
  if (!piece.text.empty()) {
    if (is_thinking_) out += std::string(normal) + "\n\n";
    out += printable(piece.text);
    is_thinking_ = false;
  }
  return write(out);
}

bool ChatPrinter::write(const std::string& text) {
  if (text.empty() || written_ != WriteResult::Written) return written_ == WriteResult::Written;
  last_ = text.back();
  written_ = write_out(terminal_, text);
  return written_ == WriteResult::Written;
}

void ChatPrinter::finish() {
  if (is_thinking_) write("\x1b[0m\n");
  if (last_ != '\n') write("\n");
}

std::string chat_stats(const app::ChatAnswer& answer) {
  const auto speed = [](std::size_t tokens, double ms) {
    return ms > 0 ? fmt::format("  {:8.1f} tok/s", static_cast<double>(tokens) * 1000 / ms)
                  : std::string();
  };
  const generation::Usage& usage = answer.usage;
  const std::size_t prefilled =
      usage.prompt_tokens - std::min(usage.cached_tokens, usage.prompt_tokens);
  // The first token belongs to the prefill.
  const std::size_t decoded = usage.completion_tokens > 0 ? usage.completion_tokens - 1 : 0;
  std::string text =
      fmt::format("prompt       {:6} tokens{}{}\ngenerated    {:6} tokens{}\n", usage.prompt_tokens,
                  speed(prefilled, answer.timings.prefill_ms),
                  usage.cached_tokens > 0 ? fmt::format("  ({} cached)", usage.cached_tokens) : "",
                  usage.completion_tokens, speed(decoded, answer.timings.decode_ms));
  if (answer.timings.ttft_ms > 0) {
    text += fmt::format("first token  {:6.0f} ms\n", answer.timings.ttft_ms);
  }
  return text;
}

}  // namespace shimmy::cli
