#include "protocol/openai/chat_answer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "protocol/json/text.h"
#include "protocol/openai/logprobs.h"

namespace shimmy::protocol::openai {
namespace {

using generation::FinishReason;

std::string_view reason_word(FinishReason reason, bool has_calls, bool is_function_style) {
  if (!has_calls || reason != FinishReason::Stop) return generation::name(reason);
  return is_function_style ? "function_call" : "tool_calls";
}

std::string encode_function(std::string_view name, std::string_view arguments) {
  return fmt::format(R"({{"name":{},"arguments":{}}})", json::quoted(name),
                     json::quoted(arguments));
}

std::string encode_calls(const ChatChoice& choice, bool is_function_style) {
  if (choice.tool_calls.empty()) return {};
  if (is_function_style) {
    const chat::ToolCall& call = choice.tool_calls.front();
    return R"(,"function_call":)" + encode_function(call.name, call.arguments);
  }
  std::string list;
  for (const chat::ToolCall& call : choice.tool_calls) {
    if (!list.empty()) list += ',';
    list += fmt::format(R"({{"id":{},"type":"function","function":{}}})", json::quoted(call.id),
                        encode_function(call.name, call.arguments));
  }
  return fmt::format(R"(,"tool_calls":[{}])", list);
}

std::string encode_message(const ChatChoice& choice, bool is_function_style) {
  const bool is_silent = choice.content.empty() && !choice.tool_calls.empty();
  std::string message =
      fmt::format(R"({{"role":"assistant","content":{},"refusal":null,"annotations":[])",
                  is_silent ? "null" : json::quoted(choice.content));
  if (!choice.reasoning.empty())
    message += R"(,"reasoning_content":)" + json::quoted(choice.reasoning);
  return message + encode_calls(choice, is_function_style) + '}';
}

std::string token_ids_member(std::string_view key, std::span<const generation::Token> ids) {
  return fmt::format(R"(,"{}":[{}])", key, fmt::join(ids, ","));
}

std::string encode_choice(const ChatHead& head, std::size_t index, const ChatChoice& choice) {
  return fmt::format(R"({{"index":{},"message":{},"logprobs":{},"finish_reason":"{}"{}}})", index,
                     encode_message(choice, head.is_function_style),
                     head.has_logprobs ? encode_chat_logprobs(choice.content_tokens) : "null",
                     reason_word(choice.reason, !choice.tool_calls.empty(), head.is_function_style),
                     head.prompt_token_ids ? token_ids_member("token_ids", choice.token_ids) : "");
}

std::string encode_prompt_ids(const ChatHead& head) {
  return head.prompt_token_ids ? token_ids_member("prompt_token_ids", *head.prompt_token_ids) : "";
}

}  // namespace

std::string encode_chat_answer(const ChatHead& head, std::span<const ChatChoice> choices,
                               const Usage& usage) {
  std::string list;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (i > 0) list += ',';
    list += encode_choice(head, i, choices[i]);
  }
  return fmt::format(R"({{"id":{},"object":"chat.completion","created":{},"model":{},)"
                     R"("choices":[{}],"usage":{},"service_tier":"default",)"
                     R"("system_fingerprint":{},"timings":{}{}}})",
                     json::quoted(head.id), head.created, json::quoted(head.model), list,
                     encode_usage(usage), json::quoted(head.fingerprint), encode_timings(usage),
                     encode_prompt_ids(head));
}

ChunkWriter::ChunkWriter(const ChatHead& head)
    : include_usage_(head.include_usage),
      has_logprobs_(head.has_logprobs),
      is_function_style_(head.is_function_style),
      has_token_ids_(head.prompt_token_ids.has_value()),
      before_choices_(
          fmt::format(R"(data: {{"id":{},"object":"chat.completion.chunk","created":{},"model":{},)"
                      R"("service_tier":"default","system_fingerprint":{},"choices":)",
                      json::quoted(head.id), head.created, json::quoted(head.model),
                      json::quoted(head.fingerprint))),
      prompt_token_ids_(encode_prompt_ids(head)) {}

std::string ChunkWriter::chunk(std::size_t choice, std::string_view delta,
                               std::string_view logprobs, std::string_view finish_reason,
                               std::span<const generation::Token> token_ids) const {
  return fmt::format(
      "{}[{{\"index\":{},\"delta\":{{{}}},\"logprobs\":{},\"finish_reason\":{}{}}}]{}",
      before_choices_, choice, delta, logprobs, finish_reason,
      has_token_ids_ && !token_ids.empty() ? token_ids_member("token_ids", token_ids) : "",
      include_usage_ ? R"(,"usage":null)" : "");
}

std::string ChunkWriter::start(std::size_t choice) const {
  return chunk(choice, R"("role":"assistant","content":"","refusal":null)") + prompt_token_ids_ +
         "}\n\n";
}

// A call's first delta has its name and no arguments yet: some clients rely on that.
std::string ChunkWriter::call_chunks(std::size_t choice, const chat::ToolCallDelta& call) const {
  std::string chunks;
  const auto add = [&](const std::string& call_members, const std::string& function) {
    const std::string delta = is_function_style_
                                  ? R"("function_call":)" + function
                                  : fmt::format(R"("tool_calls":[{{"index":{},{}"function":{}}}])",
                                                call.index, call_members, function);
    chunks += chunk(choice, delta) + "}\n\n";
  };
  if (!call.name.empty()) {
    add(fmt::format(R"("id":{},"type":"function",)", json::quoted(call.id)),
        encode_function(call.name, ""));
  }
  if (!call.arguments.empty()) {
    add("", fmt::format(R"({{"arguments":{}}})", json::quoted(call.arguments)));
  }
  return chunks;
}

std::string ChunkWriter::piece(std::size_t choice, const ChatPiece& piece) const {
  std::string chunks;
  std::span<const generation::Token> ids = piece.token_ids;
  if (!piece.delta.reasoning.empty()) {
    chunks += chunk(choice, R"("reasoning_content":)" + json::quoted(piece.delta.reasoning), "null",
                    "null", ids) +
              "}\n\n";
    ids = {};
  }
  if (!piece.delta.content.empty() || (has_logprobs_ && !piece.content_tokens.empty())) {
    const std::string logprobs =
        has_logprobs_ ? encode_chat_logprobs(piece.content_tokens) : "null";
    chunks +=
        chunk(choice, R"("content":)" + json::quoted(piece.delta.content), logprobs, "null", ids) +
        "}\n\n";
    ids = {};
  }
  if (has_token_ids_ && !ids.empty()) chunks += chunk(choice, "", "null", "null", ids) + "}\n\n";
  for (const chat::ToolCallDelta& call : piece.delta.tool_calls)
    chunks += call_chunks(choice, call);
  return chunks;
}

std::string ChunkWriter::finish(std::size_t choice, FinishReason reason, bool has_calls) const {
  const std::string word =
      fmt::format("\"{}\"", reason_word(reason, has_calls, is_function_style_));
  return chunk(choice, "", "null", word) + "}\n\n";
}

std::string ChunkWriter::end(const Usage& usage) const {
  if (!include_usage_) return "data: [DONE]\n\n";
  return fmt::format("{}[],\"usage\":{},\"timings\":{}}}\n\ndata: [DONE]\n\n", before_choices_,
                     encode_usage(usage), encode_timings(usage));
}

}  // namespace shimmy::protocol::openai
