// The answers of POST /v1/chat/completions: one JSON document, or a stream of chunks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "generation/event.h"

namespace shimmy::protocol::openai {

// What every chunk of an answer repeats.
struct ChatHead {
  std::string id;            // "chatcmpl-…", unique
  std::int64_t created = 0;  // Unix seconds
  std::string model;         // as the client asked for it
  std::string fingerprint;   // "fp_…": changes with what could change the output
};

std::string encode_chat_answer(const ChatHead& head, std::string_view text,
                               const generation::FinishedEvent& finished);

// Writes the server-sent events of one streamed answer, each as whole bytes for the wire. The order
// start, text…, finish is the caller's duty; after an error comes no finish.
class ChunkWriter {
 public:
  ChunkWriter(const ChatHead& head, bool include_usage);

  std::string start() const;
  std::string text(std::string_view text) const;

  // The finish chunk, the usage chunk where it was asked for, and "[DONE]".
  std::string finish(const generation::FinishedEvent& finished) const;

 private:
  std::string chunk(std::string_view delta, std::string_view finish_reason) const;

  const bool include_usage_;
  const std::string before_choices_;  // "data: {…" up to the value of "choices"
};

}  // namespace shimmy::protocol::openai
