#include "protocol/native/generate_answer.h"

#include <fmt/format.h>

#include "protocol/json/text.h"
#include "protocol/native/errors.h"

namespace shimmy::protocol::native {
namespace {

using generation::FinishedEvent;

std::string encode_usage(const generation::Usage& usage) {
  return fmt::format(R"({{"prompt_tokens":{},"completion_tokens":{},"total_tokens":{}}})",
                     usage.prompt_tokens, usage.completion_tokens,
                     usage.prompt_tokens + usage.completion_tokens);
}

std::string encode_finish(const FinishedEvent& finished) {
  return fmt::format(R"("finish_reason":"{}")", generation::name(finished.reason));
}

}  // namespace

std::string encode_generate_answer(std::string_view model, std::string_view text,
                                   const FinishedEvent& finished) {
  return fmt::format(
      R"({{"choices":[{{"text":{},"index":0,{}}}],"usage":{},"model":{},"response":{}}})",
      json::quoted(text), encode_finish(finished), encode_usage(finished.usage),
      json::quoted(model), json::quoted(text));
}

std::string encode_generate_chunk(std::string_view text) {
  return fmt::format("data: {{\"choices\":[{{\"text\":{},\"index\":0}}]}}\n\n", json::quoted(text));
}

std::string encode_generate_end(const FinishedEvent& finished) {
  return fmt::format(
      "data: {{\"choices\":[{{\"text\":\"\",\"index\":0,{}}}],\"usage\":{}}}\n\ndata: [DONE]\n\n",
      encode_finish(finished), encode_usage(finished.usage));
}

std::string encode_generate_error(const base::Error& error) {
  return fmt::format("data: {}\n\n", encode_error(error).body);
}

std::string encode_token_frame(std::string_view text) {
  return fmt::format(R"({{"token":{}}})", json::quoted(text));
}

std::string encode_done_frame(const FinishedEvent& finished) {
  return fmt::format(R"({{"done":true,{},"usage":{}}})", encode_finish(finished),
                     encode_usage(finished.usage));
}

std::string encode_error_frame(const base::Error& error) { return encode_error(error).body; }

}  // namespace shimmy::protocol::native
