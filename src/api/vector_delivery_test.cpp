#include "api/vector_delivery.h"

#include <gtest/gtest.h>

#include "support/fake_embedder.h"
#include "support/fake_engine.h"
#include "support/fake_exchange.h"

namespace shimmy::api {
namespace {

using generation::Vector;
using support::FakeExchange;

// Writes down what it gets, and tells when it is destroyed.
class CountingOutlet final : public VectorOutlet {
 public:
  explicit CountingOutlet(std::shared_ptr<int> alive) : alive_(std::move(alive)) {}

  void add(Vector vector) override { text_ += std::to_string(static_cast<int>(vector.at(0))); }
  std::string body(std::size_t tokens) override { return text_ + "/" + std::to_string(tokens); }

 private:
  const std::shared_ptr<int> alive_;
  std::string text_;
};

class VectorDeliveryTest : public testing::Test {
 protected:
  base::Result<void> start(std::vector<std::vector<generation::Token>> inputs) {
    auto done = embed(exchange, engine, embedder, std::move(inputs), "input",
                      std::make_unique<CountingOutlet>(outlet));
    exchange->run_tasks();
    return done;
  }

  std::shared_ptr<FakeExchange> exchange =
      std::make_shared<FakeExchange>(support::post_request("/", "{}"));
  std::shared_ptr<support::FakeEngine> engine = std::make_shared<support::FakeEngine>();
  support::FakeEmbedder embedder;
  std::shared_ptr<int> outlet = std::make_shared<int>();  // shared with outlets that live
};

TEST_F(VectorDeliveryTest, AnswersOnceAllVectorsCame) {
  EXPECT_TRUE(start({{1, 2}, {3}}));
  embedder.emit(0, Vector{4});
  embedder.emit(0, Vector{5});
  exchange->run_tasks();
  ASSERT_TRUE(exchange->response());
  EXPECT_EQ(exchange->response()->body, "45/3");
  EXPECT_FALSE(exchange->is_answered_twice());
}

TEST_F(VectorDeliveryTest, VectorsThatWereThereBeforeAreNotMissed) {
  embedder.script({{4}, {5}});
  EXPECT_TRUE(start({{1}, {2}}));
  ASSERT_TRUE(exchange->response());
  EXPECT_EQ(exchange->response()->body, "45/2");
}

TEST_F(VectorDeliveryTest, LetsGoOfEverythingAfterTheAnswer) {
  EXPECT_TRUE(start({{1}}));
  EXPECT_GT(engine.use_count(), 1);
  embedder.emit(0, Vector{4});
  exchange->run_tasks();
  EXPECT_EQ(engine.use_count(), 1);
  EXPECT_EQ(embedder.alive(), 0U);
  exchange->disconnect();
  EXPECT_EQ(outlet.use_count(), 1);
}

TEST_F(VectorDeliveryTest, CancelsWhenTheClientGoes) {
  EXPECT_TRUE(start({{1}}));
  exchange->disconnect();
  EXPECT_EQ(embedder.alive(), 0U);
  EXPECT_EQ(engine.use_count(), 1);
  embedder.emit(0, Vector{4});
  exchange->run_tasks();
  EXPECT_FALSE(exchange->response());
}

TEST_F(VectorDeliveryTest, AClientThatIsGoneAlreadyCostsNothing) {
  exchange->disconnect();
  EXPECT_TRUE(start({{1}}));
  EXPECT_EQ(embedder.alive(), 0U);
  EXPECT_FALSE(exchange->response());
}

TEST_F(VectorDeliveryTest, DroppedTasksDestroyTheWork) {
  auto done =
      embed(exchange, engine, embedder, {{1}}, "input", std::make_unique<CountingOutlet>(outlet));
  EXPECT_TRUE(done);
  exchange->drop_tasks();
  EXPECT_EQ(embedder.alive(), 0U);
  EXPECT_EQ(outlet.use_count(), 1);
}

TEST_F(VectorDeliveryTest, ARefusalIsTheCallersToAnswer) {
  embedder.refuse({base::ErrorCode::Overloaded, "busy", {}, {}});
  const auto refused = start({{1}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::Overloaded);
  EXPECT_FALSE(exchange->response());
  EXPECT_EQ(outlet.use_count(), 1);
}

}  // namespace
}  // namespace shimmy::api
