// The answers of POST /v1/chat/completions: one JSON document, or a stream of chunks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chat/answer_parser.h"
#include "chat/message.h"
#include "generation/event.h"
#include "protocol/openai/usage.h"

namespace shimmy::protocol::openai {

// What every chunk of an answer repeats, and how the client wants it.
struct ChatHead {
  std::string id;            // "chatcmpl-…", unique
  std::int64_t created = 0;  // Unix seconds
  std::string model;         // as the client asked for it
  std::string fingerprint;   // "fp_…": changes with what could change the output
  bool include_usage = false;
  bool has_logprobs = false;
  bool is_function_style = false;  // a call is "function_call", not "tool_calls"
  // Of the prompt; given when the client wants token ids.
  std::optional<std::vector<generation::Token>> prompt_token_ids = std::nullopt;
};

struct ChatChoice {
  std::string content;
  std::string reasoning;
  std::vector<chat::ToolCall> tool_calls;
  std::vector<generation::GeneratedToken> content_tokens;  // for logprobs
  std::vector<generation::Token> token_ids;                // all of the answer
  generation::FinishReason reason = generation::FinishReason::Stop;
};

// `choices` in the order of their index.
std::string encode_chat_answer(const ChatHead& head, std::span<const ChatChoice> choices,
                               const Usage& usage);

// What one chunk of one choice adds.
struct ChatPiece {
  chat::AnswerDelta delta;
  std::vector<generation::GeneratedToken> content_tokens = {};
  std::vector<generation::Token> token_ids = {};
};

// Writes the server-sent events of one streamed answer, each as whole bytes for the wire. For each
// choice start, piece…, finish; then end. After an error comes neither.
class ChunkWriter {
 public:
  explicit ChunkWriter(const ChatHead& head);

  std::string start(std::size_t choice) const;
  std::string piece(std::size_t choice, const ChatPiece& piece) const;
  std::string finish(std::size_t choice, generation::FinishReason reason, bool has_calls) const;

  // The usage chunk where it was asked for, and "[DONE]".
  std::string end(const Usage& usage) const;

 private:
  std::string chunk(std::size_t choice, std::string_view delta, std::string_view logprobs = "null",
                    std::string_view finish_reason = "null",
                    std::span<const generation::Token> token_ids = {}) const;
  std::string call_chunks(std::size_t choice, const chat::ToolCallDelta& call) const;

  const bool include_usage_;
  const bool has_logprobs_;
  const bool is_function_style_;
  const bool has_token_ids_;
  const std::string before_choices_;    // "data: {…" up to the value of "choices"
  const std::string prompt_token_ids_;  // as a member with its comma; empty: not wanted
};

}  // namespace shimmy::protocol::openai
