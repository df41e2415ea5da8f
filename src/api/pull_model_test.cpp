#include "api/pull_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "support/fake_exchange.h"
#include "support/fake_model_control.h"
#include "support/fake_model_provider.h"

namespace shimmy::api {
namespace {

namespace native = protocol::native;

using base::ErrorCode;
using testing::HasSubstr;
using testing::StartsWith;

class ScriptedPuller final : public ModelPuller {
 public:
  base::Result<native::PullOutcome> pull(const native::PullRequest& request,
                                         const OnPullProgress& on_progress,
                                         std::stop_token stop) override {
    wanted = request;
    for (const auto& one : progress) on_progress(one);
    if (during) during(stop);
    if (failure) return std::unexpected(*failure);
    return native::PullOutcome{.model = "smol", .bytes = 1000};
  }
  bool cancel(std::string_view model) override { return model == "org/repo"; }

  std::optional<native::PullRequest> wanted;
  std::vector<native::PullProgress> progress;
  std::function<void(const std::stop_token&)> during;
  std::optional<base::Error> failure;
};

class PullModelTest : public testing::Test {
 protected:
  std::shared_ptr<support::FakeExchange> ask(http::Handler (*make)(const Dependencies&),
                                             const std::string& body, bool is_allowed = true) {
    exchange_ =
        std::make_shared<support::FakeExchange>(support::post_request("/api/models/pull", body));
    make({.models = models_,
          .control = control_,
          .puller = is_allowed ? &puller_ : nullptr,
          .version = "0.1.0"})(exchange_);
    exchange_->run_tasks();
    return exchange_;
  }

  support::FakeModelProvider models_;
  support::FakeModelControl control_;
  ScriptedPuller puller_;
  std::shared_ptr<support::FakeExchange> exchange_;  // of the last ask()
};

TEST_F(PullModelTest, IsRefusedUnlessItIsAllowed) {
  for (auto* make : {pull_model, cancel_pull}) {
    const auto exchange = ask(make, R"({"model":"org/repo"})", /*is_allowed=*/false);
    EXPECT_EQ(exchange->response()->status, 403);
    EXPECT_THAT(exchange->response()->body, HasSubstr("--allow-pull"));
  }
  EXPECT_FALSE(puller_.wanted);
}

TEST_F(PullModelTest, AnswersWhenTheModelIsThere) {
  const auto exchange = ask(pull_model, R"({"model":"org/repo","quantization":"Q8_0"})");
  EXPECT_EQ(exchange->response()->status, 200);
  EXPECT_THAT(exchange->response()->body, HasSubstr(R"("status":"success","model":"smol")"));
  ASSERT_TRUE(puller_.wanted);
  EXPECT_EQ(puller_.wanted->model, "org/repo");
  EXPECT_EQ(puller_.wanted->quantization, "Q8_0");
}

TEST_F(PullModelTest, StreamsTheProgress) {
  puller_.progress = {{.status = "resolving"}, {.status = "downloading", .completed = 5}};
  const auto exchange = ask(pull_model, R"({"model":"org/repo","stream":true})");
  ASSERT_TRUE(exchange->stream());
  const std::string& bytes = exchange->stream()->bytes();
  EXPECT_THAT(bytes, StartsWith("data: {\"status\":\"resolving\""));
  EXPECT_THAT(bytes,
              HasSubstr("\n\ndata: {\"status\":\"downloading\",\"file\":null,\"completed\":5"));
  EXPECT_TRUE(bytes.ends_with("\n\ndata: [DONE]\n\n"));
}

TEST_F(PullModelTest, TellsWhyItFailed) {
  puller_.failure = base::Error{ErrorCode::ModelNotFound, "There is no org/repo.", {}, {}};
  EXPECT_EQ(ask(pull_model, R"({"model":"org/repo"})")->response()->status, 404);
  EXPECT_EQ(ask(pull_model, R"({"model":"org/repo","stream":true})")->response()->status, 404);
  puller_.progress = {{.status = "resolving"}};
  const auto exchange = ask(pull_model, R"({"model":"org/repo","stream":true})");
  EXPECT_THAT(exchange->stream()->bytes(), HasSubstr("data: {\"error\":"));
  EXPECT_TRUE(exchange->stream()->is_finished());
}

TEST_F(PullModelTest, IsLeftByAClientThatLeaves) {
  bool was_stopped = false;
  puller_.during = [&](const std::stop_token& stop) {
    exchange_->run_tasks();
    exchange_->disconnect();
    was_stopped = stop.stop_requested();
  };
  ask(pull_model, R"({"model":"org/repo"})");
  EXPECT_TRUE(was_stopped);
}

TEST_F(PullModelTest, IsCancelled) {
  EXPECT_EQ(ask(cancel_pull, R"({"model":"org/repo"})")->response()->status, 200);
  EXPECT_EQ(ask(cancel_pull, R"({"model":"other"})")->response()->status, 404);
}

TEST_F(PullModelTest, RefusesWhatItCannotRead) {
  EXPECT_EQ(ask(pull_model, "{}")->response()->status, 400);
  EXPECT_EQ(ask(cancel_pull, R"({"model":1})")->response()->status, 400);
  EXPECT_FALSE(puller_.wanted);
}

}  // namespace
}  // namespace shimmy::api
