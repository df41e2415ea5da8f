#include "api/model_loading.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_exchange.h"
#include "support/fake_model_control.h"
#include "support/fake_model_provider.h"

namespace shimmy::api {
namespace {

using base::ErrorCode;
using std::chrono_literals::operator""s;
using pool::ModelState;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ModelLoadingTest : public testing::Test {
 protected:
  void SetUp() override { control_.add({.name = "org/smol"}); }

  std::shared_ptr<support::FakeExchange> ask(http::Handler (*make)(const Dependencies&),
                                             const std::string& body, const std::string& query = "",
                                             const std::string& name = "org/smol") {
    http::Request request = support::post_request("/api/models/" + name + "/x", body);
    request.captures = {name};
    request.query = query;
    exchange_ = std::make_shared<support::FakeExchange>(std::move(request));
    make({.models = models_, .control = control_, .version = "0.1.0"})(exchange_);
    exchange_->run_tasks();
    return exchange_;
  }

  support::FakeModelProvider models_;
  support::FakeModelControl control_;
  std::shared_ptr<support::FakeExchange> exchange_;  // of the last ask()
};

TEST_F(ModelLoadingTest, LoadsAndSaysSo) {
  const auto exchange = ask(load_model, "");
  ASSERT_TRUE(exchange->response());
  EXPECT_EQ(exchange->response()->status, 200);
  EXPECT_THAT(exchange->response()->body,
              StartsWith(R"({"message":"The model org/smol is loaded.","status":"success",)"));
  EXPECT_THAT(exchange->response()->body, HasSubstr(R"("state":"ready","loaded":true)"));
  EXPECT_EQ(control_.loaded_with(), models::LoadOptions());
}

TEST_F(ModelLoadingTest, HandsTheOptionsOn) {
  ask(load_model, R"({"context":4096,"parallel":2,"cache_type_k":"q8_0","cache_type_v":"q4_0",)"
                  R"("gpu_layers":3,"pin":true,"keep_alive":"1m"})");
  const models::LoadOptions wanted{.context_tokens = 4096,
                                   .parallel = 2,
                                   .key_type = generation::CacheType::Q80,
                                   .value_type = generation::CacheType::Q40,
                                   .gpu_layers = 3,
                                   .pinned = true,
                                   .keep_alive = models::KeepAlive{60s}};
  EXPECT_EQ(control_.loaded_with(), wanted);
  ask(load_model, R"({"keep_alive":-1})");
  ASSERT_TRUE(control_.loaded_with()->keep_alive);
  EXPECT_FALSE(control_.loaded_with()->keep_alive->duration);
}

TEST_F(ModelLoadingTest, RefusesWhatItCannotRead) {
  const auto exchange = ask(load_model, R"({"context":"big"})");
  EXPECT_EQ(exchange->response()->status, 400);
  EXPECT_THAT(exchange->response()->body, HasSubstr("context"));
  EXPECT_FALSE(control_.loaded_with());
}

TEST_F(ModelLoadingTest, AnswersAnUnknownNameWith404) {
  for (auto* make : {load_model, unload_model, model_status}) {
    const auto exchange = ask(make, "", "", "none");
    EXPECT_EQ(exchange->response()->status, 404);
    EXPECT_THAT(exchange->response()->body, HasSubstr(R"("code":"model_not_found")"));
  }
}

TEST_F(ModelLoadingTest, StreamsTheProgress) {
  control_.on_load([](const pool::LoadProgress& progress, const std::stop_token&) {
    EXPECT_TRUE(progress(0.25F));
    EXPECT_TRUE(progress(0.251F));
    EXPECT_TRUE(progress(0.5F));
  });
  const auto exchange = ask(load_model, R"({"stream":true})");
  ASSERT_TRUE(exchange->stream());
  EXPECT_TRUE(exchange->stream()->is_finished());
  const std::string& bytes = exchange->stream()->bytes();
  EXPECT_THAT(bytes, StartsWith("data: {\"state\":\"loading\",\"progress\":0.25}\n\n"
                                "data: {\"state\":\"loading\",\"progress\":0.50}\n\n"
                                "data: {\"message\":\"The model org/smol is loaded.\""));
  EXPECT_TRUE(bytes.ends_with("\n\ndata: [DONE]\n\n")) << bytes;
}

TEST_F(ModelLoadingTest, AnswersAFailureBeforeTheFirstEventAsItself) {
  control_.fail({ErrorCode::ModelLoadFailed, "No room.", {}, {}});
  const auto exchange = ask(load_model, R"({"stream":true})");
  ASSERT_TRUE(exchange->response());
  EXPECT_EQ(exchange->response()->status, 500);
  EXPECT_THAT(exchange->response()->body, HasSubstr("No room."));
  EXPECT_FALSE(exchange->stream());
}

TEST_F(ModelLoadingTest, TellsOfALaterFailureInTheStream) {
  control_.on_load([this](const pool::LoadProgress& progress, const std::stop_token&) {
    progress(0.5F);
    control_.fail({ErrorCode::ModelLoadFailed, "No room.", {}, {}});
  });
  const auto exchange = ask(load_model, R"({"stream":true})");
  ASSERT_TRUE(exchange->stream());
  EXPECT_THAT(exchange->stream()->bytes(), HasSubstr("data: {\"error\":"));
  EXPECT_THAT(exchange->stream()->bytes(), Not(HasSubstr("[DONE]")));
  EXPECT_TRUE(exchange->stream()->is_finished());
}

TEST_F(ModelLoadingTest, StopsWaitingForAClientThatLeaves) {
  bool was_stopped = false;
  control_.on_load([&](const pool::LoadProgress&, const std::stop_token& stop) {
    exchange_->run_tasks();
    EXPECT_FALSE(stop.stop_requested());
    exchange_->disconnect();
    was_stopped = stop.stop_requested();
  });
  ask(load_model, "");
  EXPECT_TRUE(was_stopped);
}

TEST_F(ModelLoadingTest, UnloadsGentlyUnlessForced) {
  const auto exchange = ask(unload_model, "");
  EXPECT_THAT(exchange->response()->body,
              StartsWith(R"({"message":"The model org/smol is unloaded.","status":"success",)"));
  EXPECT_EQ(control_.unloaded_how(), Unload::Drain);
  for (const char* query : {"force", "force=true", "a=b&force=1", "force=1&x"}) {
    ask(unload_model, "", "force=false");
    EXPECT_EQ(control_.unloaded_how(), Unload::Drain);
    ask(unload_model, "", query);
    EXPECT_EQ(control_.unloaded_how(), Unload::Force) << query;
  }
}

TEST_F(ModelLoadingTest, RefusesAForceThatIsNeitherTrueNorFalse) {
  const auto exchange = ask(unload_model, "", "force=maybe");
  EXPECT_EQ(exchange->response()->status, 400);
  EXPECT_THAT(exchange->response()->body, HasSubstr("maybe"));
  EXPECT_FALSE(control_.unloaded_how());
}

TEST_F(ModelLoadingTest, ShowsTheStatus) {
  pool::ModelStatus status{.name = "busy", .state = ModelState::Draining};
  status.load.running = 2;
  status.load.swapped = 1;
  status.load.queued = 3;
  status.waiting = 4;
  status.load.prefilled_tokens = 100;
  status.load.prefill_seconds = 0.5;
  status.load.kv_cells = 2048;
  status.context_limit = 8192;
  status.keep_alive.duration = 90s;
  control_.add(status);
  const auto exchange = ask(model_status, "", "", "busy");
  const std::string& body = exchange->response()->body;
  EXPECT_THAT(body, StartsWith(R"({"status":"draining","name":"busy")"));
  EXPECT_THAT(body, HasSubstr(R"("loaded":true)"));
  EXPECT_THAT(body, HasSubstr(R"("requests":{"active":3,"queued":7})"));
  EXPECT_THAT(body, HasSubstr(R"("context":{"tokens":2048,"limit":8192,"used":0})"));
  EXPECT_THAT(body, HasSubstr(R"("keep_alive_seconds":90)"));
  EXPECT_THAT(body, HasSubstr(R"("prefill_tokens_per_second":200.0)"));
}

TEST_F(ModelLoadingTest, TellsWhatAnotherLookHasFound) {
  Discovery discovery;
  discovery.models.push_back({.name = "a"});
  discovery.models.push_back({.name = "b"});
  discovery.added = {"b"};
  discovery.removed = {"c"};
  discovery.broken.push_back({"d", "/home/me/models/d.gguf", "./models",
                              "/home/me/models/d.gguf is no GGUF file.",
                              "d.gguf is no GGUF file."});
  control_.set_discovery(discovery);
  const auto exchange = ask(discover_models, "");
  const std::string& body = exchange->response()->body;
  EXPECT_THAT(body, StartsWith(R"({"discovered":2,"models":[{"id":"a",)"));
  EXPECT_THAT(body, HasSubstr(R"("added":["b"],"removed":["c"])"));
  EXPECT_THAT(body, HasSubstr(R"("reason":"d.gguf is no GGUF file.")"));
  EXPECT_THAT(body, Not(HasSubstr("/home/me")));
}

}  // namespace
}  // namespace shimmy::api
