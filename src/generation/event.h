// What an Engine tells about a running generation. Plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "generation/request.h"

namespace shimmy::generation {

struct TokenLogprob {
  Token token = 0;
  std::string bytes;  // the token's own bytes: may be part of a UTF-8 character
  float logprob =
      0;  // natural logarithm, of the model's distribution before temperature and filters
};

struct GeneratedToken {
  Token token = 0;
  std::string bytes;
  float logprob = 0;                    // 0 unless logprobs were asked for
  std::vector<TokenLogprob> likeliest;  // best first; empty unless asked for
};

// New text. Always whole UTF-8 characters, and never a part of a stop string. Text that is held
// back because it may become one is released later, with the tokens that it came from.
struct TextEvent {
  std::string text;
  std::vector<GeneratedToken> tokens;
};

// The prompt as the model sees it; the first event, where Request::prompt_logprobs asked for it.
// The first token has no logprob (0), as nothing comes before it.
struct PromptEvent {
  std::vector<GeneratedToken> tokens;
};

enum class FinishReason {
  Stop,    // an end-of-generation token, or a stop string
  Length,  // max_tokens, or the context is full
};
std::string_view name(FinishReason reason);  // "stop", "length"

struct Usage {
  std::size_t prompt_tokens = 0;
  std::size_t completion_tokens = 0;  // an end-of-generation token counts
  std::size_t cached_tokens = 0;      // of the prompt, found in the KV cache
};

// All in milliseconds, by the engine's clock.
struct Timings {
  double queue_ms = 0;    // from submit to the first step that worked on it
  double prefill_ms = 0;  // from there to the first token
  double decode_ms = 0;   // from the first token to the last
  double ttft_ms = 0;     // from submit to the first token
};

// The last event of a generation that ended well.
struct FinishedEvent {
  FinishReason reason = FinishReason::Stop;
  std::string stop;  // the stop string that ended it; empty when it was something else
  Usage usage;
  Timings timings;
};

// A generation yields a PromptEvent if it was asked for, any number of TextEvents, and then exactly
// one FinishedEvent or Error.
using Event = std::variant<TextEvent, PromptEvent, FinishedEvent, base::Error>;

inline bool is_final(const Event& event) {
  return std::holds_alternative<FinishedEvent>(event) || std::holds_alternative<base::Error>(event);
}

}  // namespace shimmy::generation
