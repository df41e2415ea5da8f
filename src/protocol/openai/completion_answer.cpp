#include "protocol/openai/completion_answer.h"

#include <fmt/format.h>

#include "protocol/json/text.h"

namespace shimmy::protocol::openai {
namespace {

std::string encode_head(const CompletionHead& head) {
  return fmt::format(
      R"({{"id":{},"object":"text_completion","created":{},"model":{},"system_fingerprint":{},)",
      json::quoted(head.id), head.created, json::quoted(head.model),
      json::quoted(head.fingerprint));
}

std::string encode_choice(std::size_t index, std::string_view text, std::string_view logprobs,
                          std::string_view finish_reason) {
  return fmt::format(R"({{"text":{},"index":{},"logprobs":{},"finish_reason":{}}})",
                     json::quoted(text), index, logprobs, finish_reason);
}

std::string encode_logprobs(const CompletionChoice& choice) {
  std::vector<generation::GeneratedToken> tokens = choice.prompt_tokens;
  tokens.insert(tokens.end(), choice.tokens.begin(), choice.tokens.end());
  return TextLogprobs().encode(tokens, /*without_first=*/!choice.prompt_tokens.empty());
}

std::string word(generation::FinishReason reason) {
  return fmt::format("\"{}\"", generation::name(reason));
}

}  // namespace

std::string encode_completion_answer(const CompletionHead& head,
                                     std::span<const CompletionChoice> choices,
                                     const Usage& usage) {
  std::string list;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const CompletionChoice& choice = choices[i];
    if (i > 0) list += ',';
    list += encode_choice(i, choice.text, head.has_logprobs ? encode_logprobs(choice) : "null",
                          word(choice.reason));
  }
  return fmt::format(R"({}"choices":[{}],"usage":{},"timings":{}}})", encode_head(head), list,
                     encode_usage(usage), encode_timings(usage));
}

CompletionChunkWriter::CompletionChunkWriter(const CompletionHead& head, std::size_t choices)
    : include_usage_(head.include_usage),
      has_logprobs_(head.has_logprobs),
      before_choices_("data: " + encode_head(head) + R"("choices":)"),
      logprobs_(choices) {}

std::string CompletionChunkWriter::piece(std::size_t choice, std::string_view text,
                                         std::span<const generation::GeneratedToken> tokens,
                                         bool without_first) {
  const std::string logprobs =
      has_logprobs_ ? logprobs_[choice].encode(tokens, without_first) : "null";
  return fmt::format("{}[{}]{}}}\n\n", before_choices_,
                     encode_choice(choice, text, logprobs, "null"),
                     include_usage_ ? R"(,"usage":null)" : "");
}

std::string CompletionChunkWriter::finish(std::size_t choice,
                                          generation::FinishReason reason) const {
  return fmt::format("{}[{}]{}}}\n\n", before_choices_,
                     encode_choice(choice, "", "null", word(reason)),
                     include_usage_ ? R"(,"usage":null)" : "");
}

std::string CompletionChunkWriter::end(const Usage& usage) const {
  if (!include_usage_) return "data: [DONE]\n\n";
  return fmt::format("{}[],\"usage\":{},\"timings\":{}}}\n\ndata: [DONE]\n\n", before_choices_,
                     encode_usage(usage), encode_timings(usage));
}

}  // namespace shimmy::protocol::openai
