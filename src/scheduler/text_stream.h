// From generated tokens to text events: whole characters, stop strings held back.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <string>

#include "generation/event.h"
#include "generation/stop_matcher.h"
#include "generation/utf8_assembler.h"

namespace shimmy::scheduler {

// One per generation; one thread.
class TextStream {
 public:
  explicit TextStream(std::span<const std::string> stops) : matcher_(stops) {}

  struct Output {
    std::optional<generation::TextEvent> event;  // empty when nothing can be shown yet
    std::optional<std::string> stop;             // the stop string that ended the text
  };

  // Takes the next token. After a stop nothing more may be pushed.
  Output push(generation::GeneratedToken token);

  // No more tokens will come: what was held back.
  std::optional<generation::TextEvent> flush();

 private:
  // Hands out `text` and the tokens whose bytes end (or, at the end of everything, start) before
  // `shown_bytes_`.
  std::optional<generation::TextEvent> release(std::string text, bool last);

  struct Pending {
    generation::GeneratedToken token;
    std::size_t begin = 0;  // its place in all bytes so far
    std::size_t end = 0;
  };

  generation::Utf8Assembler assembler_;
  generation::StopMatcher matcher_;
  std::deque<Pending> pending_;
  std::size_t bytes_ = 0;        // of all tokens so far
  std::size_t shown_bytes_ = 0;  // of these, in events
};

}  // namespace shimmy::scheduler
