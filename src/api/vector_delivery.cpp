#include "api/vector_delivery.h"

#include <algorithm>
#include <utility>

#include "api/replies.h"
#include "protocol/openai/errors.h"

namespace shimmy::api {
namespace {

struct Expected {
  std::size_t vectors;
  std::size_t tokens;  // of all inputs
};

// Kept alive by the exchange's on_disconnect callback until end() opens the ring of references.
// Constructed on any thread, then used on the I/O thread only; the embedder's thread touches weak
// pointers alone.
class VectorDelivery : public std::enable_shared_from_this<VectorDelivery> {
 public:
  VectorDelivery(std::shared_ptr<http::Exchange> exchange,
                 std::shared_ptr<generation::Engine> engine,
                 std::unique_ptr<generation::Embedding> embedding, Expected expected,
                 std::unique_ptr<VectorOutlet> outlet)
      : exchange_(std::move(exchange)),
        engine_(std::move(engine)),
        embedding_(std::move(embedding)),
        missing_(expected.vectors),
        tokens_(expected.tokens),
        outlet_(std::move(outlet)) {}

  void start() {
    exchange_->on_disconnect([self = shared_from_this()] { self->end(); });
    if (!embedding_) return;  // gone already
    embedding_->on_vector(
        [weak = weak_from_this(), exchange = std::weak_ptr<http::Exchange>(exchange_)] {
          const auto alive = exchange.lock();
          if (!alive) return;
          alive->post([weak] {
            if (const auto self = weak.lock()) self->go_on();
          });
        });
    go_on();
  }

 private:
  void go_on() {
    while (embedding_) {
      auto vector = embedding_->poll();
      if (!vector) return;
      if (!*vector) {
        answer(error_response(protocol::openai::encode_error(vector->error())));
      } else {
        outlet_->add(std::move(**vector));
        if (--missing_ == 0) answer(json_response(outlet_->body(tokens_)));
      }
    }
  }

  void answer(http::Response response) {
    exchange_->respond(std::move(response));
    end();
  }

  // Destroying the embedding is what cancels it.
  void end() {
    embedding_.reset();
    engine_.reset();
    exchange_.reset();
  }

  std::shared_ptr<http::Exchange> exchange_;  // null after the end, as the next two
  std::shared_ptr<generation::Engine> engine_;
  std::unique_ptr<generation::Embedding> embedding_;
  std::size_t missing_;  // vectors that have not come
  const std::size_t tokens_;
  const std::unique_ptr<VectorOutlet> outlet_;
};

}  // namespace

base::Result<void> embed(std::shared_ptr<http::Exchange> exchange,
                         std::shared_ptr<generation::Engine> engine, generation::Embedder& embedder,
                         std::vector<std::vector<generation::Token>> inputs, std::string_view field,
                         std::unique_ptr<VectorOutlet> outlet) {
  const std::size_t count = inputs.size();
  std::size_t tokens = 0;
  std::size_t longest = 0;
  for (const auto& input : inputs) {
    tokens += input.size();
    longest = std::max(longest, input.size());
  }
  auto embedding = embedder.submit(std::move(inputs));
  if (!embedding && embedding.error().code == base::ErrorCode::ContextOverflow) {
    return std::unexpected(
        protocol::openai::context_overflow(embedder.facts().longest_input, longest, field));
  }
  if (!embedding) return std::unexpected(std::move(embedding.error()));
  exchange->note("prompt_tokens", static_cast<std::int64_t>(tokens));
  exchange->charge(static_cast<std::int64_t>(tokens));
  http::Exchange& connection = *exchange;
  auto delivery = std::make_shared<VectorDelivery>(std::move(exchange), std::move(engine),
                                                   std::move(*embedding), Expected{count, tokens},
                                                   std::move(outlet));
  connection.post([delivery = std::move(delivery)] { delivery->start(); });
  return {};
}

}  // namespace shimmy::api
