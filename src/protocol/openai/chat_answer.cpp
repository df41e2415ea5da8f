#include "protocol/openai/chat_answer.h"

#include <fmt/format.h>

#include "protocol/json/text.h"

namespace shimmy::protocol::openai {
namespace {

std::string encode_usage(const generation::Usage& usage) {
  return fmt::format(R"({{"prompt_tokens":{},"completion_tokens":{},"total_tokens":{},)"
                     R"("prompt_tokens_details":{{"cached_tokens":{},"audio_tokens":0}},)"
                     R"("completion_tokens_details":{{"reasoning_tokens":0,"audio_tokens":0,)"
                     R"("accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}})",
                     usage.prompt_tokens, usage.completion_tokens,
                     usage.prompt_tokens + usage.completion_tokens, usage.cached_tokens);
}

}  // namespace

std::string encode_chat_answer(const ChatHead& head, std::string_view text,
                               const generation::FinishedEvent& finished) {
  return fmt::format(
      R"({{"id":{},"object":"chat.completion","created":{},"model":{},)"
      R"("choices":[{{"index":0,"message":{{"role":"assistant","content":{},"refusal":null,)"
      R"("annotations":[]}},"logprobs":null,"finish_reason":"{}"}}],)"
      R"("usage":{},"service_tier":"default","system_fingerprint":{}}})",
      json::quoted(head.id), head.created, json::quoted(head.model), json::quoted(text),
      generation::name(finished.reason), encode_usage(finished.usage),
      json::quoted(head.fingerprint));
}

ChunkWriter::ChunkWriter(const ChatHead& head, bool include_usage)
    : include_usage_(include_usage),
      before_choices_(
          fmt::format(R"(data: {{"id":{},"object":"chat.completion.chunk","created":{},"model":{},)"
                      R"("service_tier":"default","system_fingerprint":{},"choices":)",
                      json::quoted(head.id), head.created, json::quoted(head.model),
                      json::quoted(head.fingerprint))) {}

std::string ChunkWriter::chunk(std::string_view delta, std::string_view finish_reason) const {
  return fmt::format(
      "{}[{{\"index\":0,\"delta\":{{{}}},\"logprobs\":null,\"finish_reason\":{}}}]{}}}\n\n",
      before_choices_, delta, finish_reason, include_usage_ ? R"(,"usage":null)" : "");
}

std::string ChunkWriter::start() const {
  return chunk(R"("role":"assistant","content":"","refusal":null)", "null");
}

std::string ChunkWriter::text(std::string_view text) const {
  return chunk(R"("content":)" + json::quoted(text), "null");
}

std::string ChunkWriter::finish(const generation::FinishedEvent& finished) const {
  std::string end = chunk("", fmt::format("\"{}\"", generation::name(finished.reason)));
  if (include_usage_)
    end += fmt::format("{}[],\"usage\":{}}}\n\n", before_choices_, encode_usage(finished.usage));
  return end + "data: [DONE]\n\n";
}

}  // namespace shimmy::protocol::openai
