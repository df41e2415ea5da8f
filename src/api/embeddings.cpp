#include "api/embeddings.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "api/keep_alive.h"
#include "api/replies.h"
#include "api/token_text.h"
#include "api/vector_delivery.h"
#include "protocol/openai/embedding_answer.h"
#include "protocol/openai/embedding_request.h"
#include "protocol/openai/errors.h"

namespace shimmy::api {
namespace {

namespace openai = protocol::openai;

using base::Result;
using generation::Embedder;
using TokenLists = std::vector<std::vector<generation::Token>>;

class EmbeddingOutlet final : public VectorOutlet {
 public:
  explicit EmbeddingOutlet(const openai::EmbeddingRequest& wanted)
      : writer_(wanted.model, wanted.is_base64, wanted.dimensions) {}

  void add(generation::Vector vector) override { writer_.add(vector); }
  std::string body(std::size_t tokens) override { return std::move(writer_).finish(tokens); }

 private:
  openai::EmbeddingWriter writer_;
};

Result<TokenLists> tokenize(const generation::Tokenizer& tokenizer,
                            const std::vector<openai::TextOrTokens>& inputs) {
  TokenLists lists;
  lists.reserve(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    auto tokens =
        tokens_of(inputs[i], tokenizer, inputs.size() == 1 ? "input" : fmt::format("input[{}]", i));
    if (!tokens) return std::unexpected(std::move(tokens.error()));
    lists.push_back(std::move(*tokens));
  }
  return lists;
}

Result<std::shared_ptr<Embedder>> embedder_of(const ServedModel& model,
                                              const openai::EmbeddingRequest& wanted) {
  auto embedder = model.engine->embedder();
  if (!embedder) return embedder;
  if ((*embedder)->facts().pooling == generation::Pooling::Rank) {
    return base::fail_field("model",
                            "The model '{}' is a reranking model: it compares two texts and has no "
                            "embeddings. Use it with POST /v1/rerank, or choose an embedding "
                            "model.",
                            wanted.model);
  }
  if (auto ok = openai::check_dimensions(wanted, (*embedder)->facts().dimensions); !ok)
    return std::unexpected(std::move(ok.error()));
  return embedder;
}

Result<void> start(const std::shared_ptr<http::Exchange>& exchange,
                   const Dependencies& dependencies) {
  const auto wanted = openai::decode_embedding_request(exchange->request().body);
  if (!wanted) return std::unexpected(wanted.error());
  exchange->note("model", wanted->model);
  const auto model = dependencies.models.acquire(
      wanted->model, {.keep_alive = keep_alive_of(wanted->keep_alive_seconds)});
  if (!model) return std::unexpected(model.error());
  const auto embedder = embedder_of(*model, *wanted);
  if (!embedder) return std::unexpected(embedder.error());
  auto inputs = tokenize(model->engine->tokenizer(), wanted->inputs);
  if (!inputs) return std::unexpected(std::move(inputs.error()));
  return embed(exchange, model->engine, **embedder, std::move(*inputs), "input",
               std::make_unique<EmbeddingOutlet>(*wanted));
}

}  // namespace

http::Handler embeddings(const Dependencies& dependencies) {
  return [dependencies](const std::shared_ptr<http::Exchange>& exchange) {
    if (const auto started = start(exchange, dependencies); !started)
      exchange->respond(error_response(openai::encode_error(started.error())));
  };
}

}  // namespace shimmy::api
