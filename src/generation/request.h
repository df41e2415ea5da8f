// What a caller asks of an Engine. Plain values; nothing here knows JSON, HTTP or libllama.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "generation/constraint.h"

namespace shimmy::generation {

using Token = std::int32_t;

// How the next token is chosen from the model's distribution. The fields act in this order: logit
// bias, constraint, penalties, DRY, then either mirostat or (top_k, typical_p, top_p, min_p, XTC),
// then temperature.
struct Sampling {
  float temperature = 0.7F;        // 0: greedy, and only bias, constraint and penalties act
  float top_p = 0.95F;             // keep the smallest set with this probability; 1: off
  std::int32_t top_k = 40;         // keep the k likeliest; 0: off
  float min_p = 0.05F;             // drop tokens below this share of the likeliest; 0: off
  float typical_p = 1.0F;          // locally typical sampling (arXiv 2202.00666); 1: off
  float repeat_penalty = 1.0F;     // divides logits of recent tokens (arXiv 1909.05858); 1: off
  float frequency_penalty = 0.0F;  // subtracted once per recent occurrence; 0: off
  float presence_penalty = 0.0F;   // subtracted once from each recent token; 0: off
  std::int32_t penalty_last_n =
      64;  // tokens that count as recent; 0: penalties off, -1: the whole context

  float dry_multiplier = 0.0F;          // strength against repeated sequences ("DRY"); 0: off
  float dry_base = 1.75F;               // growth per token beyond dry_allowed_length
  std::int32_t dry_allowed_length = 2;  // repeats up to this length are free
  std::int32_t dry_last_n = -1;         // tokens searched; 0: off, -1: the whole context
  std::vector<std::string> dry_breakers{"\n", ":", "\"", "*"};  // texts over which no repeat counts

  float xtc_probability =
      0.0F;  // chance to drop all but the last of the tokens above xtc_threshold; 0: off
  float xtc_threshold = 0.1F;  // above 0.5: off

  std::int32_t mirostat =
      0;  // 0: off, 1 or 2: that version (arXiv 2007.14966), in place of the filters
  float mirostat_tau = 5.0F;  // target surprise, bits
  float mirostat_eta = 0.1F;  // learning rate

  std::optional<std::uint32_t> seed;                // none: a new one each time
  std::vector<std::pair<Token, float>> logit_bias;  // added to the logit; -infinity bans
  Constraint constraint;                            // which texts may be generated
};

struct Request {
  std::vector<Token> prompt;     // at least one token
  std::int32_t max_tokens = -1;  // tokens to generate at most; -1: until the context is full;
                                 // 0: none, only with prompt_logprobs
  Sampling sampling;
  std::optional<std::int32_t>
      logprobs;  // none: no logprobs; n: of the chosen token and the n likeliest
  std::optional<std::int32_t>
      prompt_logprobs;  // none: no PromptEvent; n: of each prompt token and its n likeliest rivals
  std::vector<std::string>
      stop;  // texts that end the generation and are not part of it; "" is ignored
  std::vector<Token> stop_tokens;  // end the generation as an end-of-generation token does
  std::int32_t min_tokens = 0;     // no token that ends the generation is chosen before so many
  std::vector<Token> visible_specials;  // special tokens whose names are part of the text
  bool ignore_eos = false;  // never choose an end-of-generation token; a constraint that
                            // allows nothing more still ends it
  std::optional<base::Clock::time_point>
      deadline;               // fails with DeadlineExceeded once it has passed
  std::int32_t priority = 0;  // higher is admitted first
  std::string client;         // whose request it is: clients wait in turn, and share the line
};

// Refuses what no engine could do: an empty prompt, values out of range. The error's param names
// the field.
base::Result<void> validate(const Request& request);

constexpr std::int32_t kMaxLogprobs = 20;

}  // namespace shimmy::generation
