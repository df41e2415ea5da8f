#include "api/tokenize.h"

#include <fmt/format.h>

#include <utility>

#include "api/chat_prompt.h"
#include "api/replies.h"
#include "api/token_text.h"
#include "protocol/openai/errors.h"
#include "protocol/openai/tokenize.h"

namespace shimmy::api {
namespace {

namespace openai = protocol::openai;

using base::Result;

Result<ServedModel> acquire(ModelProvider& models, const std::string& name) {
  if (!name.empty()) return models.acquire(name);
  const std::vector<models::ModelEntry> entries = models.list();
  if (entries.size() == 1) return models.acquire(entries.front().name);
  return base::fail_field("model", "There are {} models: name one in 'model'.", entries.size());
}

Result<std::string> tokenized(ModelProvider& models, const std::string& body) {
  const auto wanted = openai::decode_tokenize_request(body);
  if (!wanted) return std::unexpected(wanted.error());
  const auto model = acquire(models, wanted->model);
  if (!model) return std::unexpected(model.error());
  const generation::Tokenizer& tokenizer = model->engine->tokenizer();
  std::vector<generation::Token> tokens;
  if (wanted->conversation.messages.empty()) {
    tokens = tokenizer.encode(
        wanted->text, wanted->adds_special,
        wanted->parses_special ? generation::SpecialText::Parse : generation::SpecialText::Plain);
  } else {
    auto prompt = prepare_chat(*model, wanted->conversation, {});
    if (!prompt) return std::unexpected(std::move(prompt).error());
    tokens = std::move(prompt->request.prompt);
  }
  std::vector<openai::TokenPiece> pieces;
  for (const generation::Token token : tokens)
    pieces.push_back({token, wanted->with_pieces ? tokenizer.piece(token, true) : ""});
  return openai::encode_tokens(*wanted, pieces, model->engine->facts().context_tokens);
}

Result<std::string> detokenized(ModelProvider& models, const std::string& body) {
  const auto wanted = openai::decode_detokenize_request(body);
  if (!wanted) return std::unexpected(wanted.error());
  const auto model = acquire(models, wanted->model);
  if (!model) return std::unexpected(model.error());
  const generation::Tokenizer& tokenizer = model->engine->tokenizer();
  if (wanted->tokens.empty()) return openai::encode_detokenized("");
  const auto known = tokens_of(wanted->tokens, tokenizer, "tokens");
  if (!known) return std::unexpected(known.error());
  return openai::encode_detokenized(
      text_of(std::span<const generation::Token>(*known), tokenizer, /*show_special=*/true));
}

Result<std::string> prompt_text(ModelProvider& models, const std::string& body) {
  const auto wanted = openai::decode_template_request(body);
  if (!wanted) return std::unexpected(wanted.error());
  const auto model = acquire(models, wanted->model);
  if (!model) return std::unexpected(model.error());
  const auto prepared = prepare_text(*model, wanted->conversation);
  if (!prepared) return std::unexpected(prepared.error());
  return openai::encode_prompt(prepared->text());
}

using Answer = Result<std::string> (*)(ModelProvider& models, const std::string& body);

http::Handler answer_with(const Dependencies& dependencies, Answer answer) {
  return [&models = dependencies.models, answer](const std::shared_ptr<http::Exchange>& exchange) {
    auto body = answer(models, exchange->request().body);
    exchange->respond(body ? json_response(std::move(*body))
                           : error_response(openai::encode_error(body.error())));
  };
}

}  // namespace

http::Handler tokenize(const Dependencies& dependencies) {
  return answer_with(dependencies, tokenized);
}

http::Handler detokenize(const Dependencies& dependencies) {
  return answer_with(dependencies, detokenized);
}

http::Handler apply_template(const Dependencies& dependencies) {
  return answer_with(dependencies, prompt_text);
}

}  // namespace shimmy::api
