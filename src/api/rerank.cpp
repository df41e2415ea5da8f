#include "api/rerank.h"

#include <utility>
#include <vector>

#include "api/keep_alive.h"
#include "api/replies.h"
#include "api/vector_delivery.h"
#include "protocol/openai/errors.h"
#include "protocol/openai/rerank.h"

namespace shimmy::api {
namespace {

namespace openai = protocol::openai;

using base::Result;

class RerankOutlet final : public VectorOutlet {
 public:
  explicit RerankOutlet(openai::RerankRequest wanted) : wanted_(std::move(wanted)) {}

  void add(generation::Vector vector) override { scores_.push_back(vector.at(0)); }
  std::string body(std::size_t tokens) override {
    return openai::encode_rerank_answer(wanted_, scores_, tokens);
  }

 private:
  const openai::RerankRequest wanted_;
  std::vector<float> scores_;
};

std::unexpected<base::Error> cannot_rank(const std::string& model) {
  return base::fail_field("model",
                          "The model '{}' cannot rerank: that needs a reranking model, one with a "
                          "classifier (pooling type 'rank'), as bge-reranker or jina-reranker.",
                          model);
}

Result<void> start(const std::shared_ptr<http::Exchange>& exchange,
                   const Dependencies& dependencies) {
  auto wanted = openai::decode_rerank_request(exchange->request().body);
  if (!wanted) return std::unexpected(std::move(wanted.error()));
  exchange->note("model", wanted->model);
  const auto model = dependencies.models.acquire(
      wanted->model, {.keep_alive = keep_alive_of(wanted->keep_alive_seconds)});
  if (!model) return std::unexpected(model.error());
  const auto embedder = model->engine->embedder();
  if (!embedder && embedder.error().code != base::ErrorCode::InvalidRequest)
    return std::unexpected(embedder.error());
  if (!embedder || (*embedder)->facts().pooling != generation::Pooling::Rank)
    return cannot_rank(wanted->model);
  auto pairs = (*embedder)->encode_pairs(wanted->query, wanted->documents);
  return embed(exchange, model->engine, **embedder, std::move(pairs), "documents",
               std::make_unique<RerankOutlet>(std::move(*wanted)));
}

}  // namespace

http::Handler rerank(const Dependencies& dependencies) {
  return [dependencies](const std::shared_ptr<http::Exchange>& exchange) {
    if (const auto started = start(exchange, dependencies); !started)
      exchange->respond(error_response(openai::encode_error(started.error())));
  };
}

}  // namespace shimmy::api
