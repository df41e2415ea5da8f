#include "scheduler/text_stream.h"

#include <algorithm>
#include <utility>

namespace shimmy::scheduler {

using generation::GeneratedToken;
using generation::TextEvent;

TextStream::Output TextStream::push(GeneratedToken token) {
  const std::string characters = assembler_.push(token.bytes);
  const std::size_t begin = std::exchange(bytes_, bytes_ + token.bytes.size());
  pending_.push_back({std::move(token), begin, bytes_});

  auto [text, stopped, stop] = matcher_.push(characters);
  if (stopped) {
    shown_bytes_ += text.size();
    return {release(std::move(text), /*last=*/true), std::move(stop)};
  }
  const std::size_t held = matcher_.held_bytes() + assembler_.held_bytes();
  shown_bytes_ = bytes_ - std::min(held, bytes_);
  return {release(std::move(text), /*last=*/false), std::nullopt};
}

std::optional<TextEvent> TextStream::flush() {
  auto [text, stopped, stop] = matcher_.push(assembler_.flush());
  if (!stopped) text += matcher_.flush();
  shown_bytes_ = bytes_;
  return release(std::move(text), /*last=*/true);
}

std::optional<TextEvent> TextStream::release(std::string text, bool last) {
  TextEvent event{std::move(text), {}};
  const bool all = last && shown_bytes_ == bytes_;
  while (!pending_.empty()) {
    const Pending& first = pending_.front();
    const bool shown = all || first.end <= shown_bytes_ || (last && first.begin < shown_bytes_);
    if (!shown || (event.text.empty() && !last)) break;
    event.tokens.push_back(std::move(pending_.front().token));
    pending_.pop_front();
  }
  if (event.text.empty() && event.tokens.empty()) return std::nullopt;
  return event;
}

}  // namespace shimmy::scheduler
