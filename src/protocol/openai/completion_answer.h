// The answers of POST /v1/completions: one JSON document, or a stream of chunks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "generation/event.h"
#include "protocol/openai/logprobs.h"
#include "protocol/openai/usage.h"

namespace shimmy::protocol::openai {

struct CompletionHead {
  std::string id;            // "cmpl-…", unique
  std::int64_t created = 0;  // Unix seconds
  std::string model;         // as the client asked for it
  std::string fingerprint;   // "fp_…"
  bool include_usage = false;
  bool has_logprobs = false;
};

struct CompletionChoice {
  std::string text;  // with the prompt before it where that was asked for
  std::vector<generation::GeneratedToken> prompt_tokens = {};  // where their logprobs are wanted
  std::vector<generation::GeneratedToken> tokens = {};         // generated; for logprobs
  generation::FinishReason reason = generation::FinishReason::Stop;
};

// `choices` in the order of their index.
std::string encode_completion_answer(const CompletionHead& head,
                                     std::span<const CompletionChoice> choices, const Usage& usage);

// Writes the events of one streamed answer. For each choice piece…, finish; then end.
class CompletionChunkWriter {
 public:
  CompletionChunkWriter(const CompletionHead& head, std::size_t choices);

  // `without_first`: the first token is the first of the prompt, which has no logprob.
  std::string piece(std::size_t choice, std::string_view text,
                    std::span<const generation::GeneratedToken> tokens, bool without_first = false);
  std::string finish(std::size_t choice, generation::FinishReason reason) const;

  // The usage chunk where it was asked for, and "[DONE]".
  std::string end(const Usage& usage) const;

 private:
  const bool include_usage_;
  const bool has_logprobs_;
  const std::string before_choices_;  // "data: {…" up to the value of "choices"
  std::vector<TextLogprobs> logprobs_;
};

}  // namespace shimmy::protocol::openai
