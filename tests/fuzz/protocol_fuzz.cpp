// Feeds request bodies to every decoder: each must refuse them in words, or make a request of them
// that an engine takes.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "generation/request.h"
#include "protocol/native/errors.h"
#include "protocol/native/generate_request.h"
#include "protocol/openai/chat_request.h"
#include "protocol/openai/completion_request.h"
#include "protocol/openai/embedding_request.h"
#include "protocol/openai/errors.h"
#include "protocol/openai/rerank.h"
#include "protocol/openai/tokenize.h"

namespace {

using namespace shimmy;
using namespace shimmy::protocol;

void require(bool holds) {
  if (!holds) __builtin_trap();
}

void check_refusal(const base::Error& error) {
  require(error.code == base::ErrorCode::InvalidRequest);
  require(!error.message.empty());
  for (const ErrorReply& reply : {openai::encode_error(error), native::encode_error(error)}) {
    require(reply.status == 400 && reply.body.starts_with("{") && reply.body.ends_with("}"));
  }
}

void check_generation(generation::Request request) {
  // What only a handler knows.
  request.prompt = {1};
  if (request.max_tokens == 0) request.prompt_logprobs = 0;
  require(generation::validate(request).has_value());
}

template <class Request>
bool accepted(const base::Result<Request>& request) {
  if (!request) check_refusal(request.error());
  return request.has_value();
}

void check_choices(std::size_t choices) { require(choices >= 1 && choices <= 1024); }

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer calls it by this name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(bytes), size);
  if (const auto chat = openai::decode_chat_request(body); accepted(chat)) {
    check_generation(chat->generation);
    check_choices(chat->choices);
    require(!chat->conversation.messages.empty());
  }
  if (const auto completion = openai::decode_completion_request(body); accepted(completion)) {
    check_generation(completion->generation);
    check_choices(completion->choices);
    require(completion->best_of >= completion->choices && !completion->prompts.empty());
  }
  if (const auto generate = native::decode_generate_request(body); accepted(generate)) {
    check_generation(generate->generation);
  }
  if (const auto embedding = openai::decode_embedding_request(body); accepted(embedding)) {
    require(!embedding->inputs.empty());
  }
  if (const auto rerank = openai::decode_rerank_request(body); accepted(rerank)) {
    require(!rerank->documents.empty());
  }
  accepted(openai::decode_tokenize_request(body));
  accepted(openai::decode_detokenize_request(body));
  accepted(openai::decode_template_request(body));
  return 0;
}
