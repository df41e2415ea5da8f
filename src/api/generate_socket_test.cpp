#include "api/generate_socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "support/fake_exchange.h"
#include "support/fake_model_control.h"
#include "support/fake_model_provider.h"
#include "support/fake_websocket.h"

namespace shimmy::api {
namespace {

using support::finished_event;
using support::text_event;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kHello = R"({"model":"smol","prompt":"Hi"})";

class GenerateSocketTest : public testing::Test {
 protected:
  void SetUp() override {
    generate_socket({.models = models_, .control = control_, .version = "0.1.0"})(socket_);
  }

  // As every server does in the end.
  void TearDown() override {
    socket_->disconnect();
    EXPECT_EQ(engine_->alive(), 0U);
    EXPECT_EQ(socket_.use_count(), 1) << "the socket is kept after its end";
  }

  void say(std::string text) {
    socket_->receive(std::move(text));
    socket_->run_tasks();
  }

  support::FakeModelProvider models_;
  support::FakeModelControl control_;
  const std::shared_ptr<support::FakeEngine> engine_ = models_.add("smol");
  const std::shared_ptr<support::FakeWebSocket> socket_ =
      std::make_shared<support::FakeWebSocket>(support::get_request("/ws/generate"));
};

TEST_F(GenerateSocketTest, Nat4_AnswersInTheDocumentedFrames) {
  engine_->script({text_event("Hel"), text_event("lo"), finished_event()});
  say(kHello);
  ASSERT_THAT(socket_->sent(), SizeIs(3));
  EXPECT_EQ(socket_->sent()[0], R"({"token":"Hel"})");
  EXPECT_EQ(socket_->sent()[1], R"({"token":"lo"})");
  EXPECT_THAT(socket_->sent()[2], HasSubstr(R"("done":true)"));
}

TEST_F(GenerateSocketTest, Nat4_AnswersOneRequestAfterTheOther) {
  engine_->script({text_event("a"), finished_event()});
  say(kHello);
  say(kHello);
  say(kHello);
  EXPECT_THAT(engine_->requests(), SizeIs(2)) << "the third waits until the second is answered";
  engine_->emit(1, text_event("b"));
  engine_->emit(1, finished_event());
  socket_->run_tasks();
  EXPECT_THAT(engine_->requests(), SizeIs(3));
  EXPECT_THAT(socket_->sent(), SizeIs(4));
}

TEST_F(GenerateSocketTest, AnErrorConcernsOneRequestOnly) {
  say("{");
  say(R"({"model":"nosuch","prompt":"Hi"})");
  engine_->script(
      {text_event("a"), base::Error{base::ErrorCode::GenerationFailed, "It broke.", {}, {}}});
  say(kHello);
  engine_->script({finished_event()});
  say(kHello);
  EXPECT_THAT(socket_->sent(),
              ElementsAre(HasSubstr(R"("code":"invalid_request")"),
                          HasSubstr(R"("code":"model_not_found")"), R"({"token":"a"})",
                          HasSubstr(R"("code":"generation_failed")"), HasSubstr(R"("done":true)")));
  EXPECT_FALSE(socket_->close_code());
}

TEST_F(GenerateSocketTest, ClosingCancelsWhatRunsAndWhatWaits) {
  say(kHello);
  say(kHello);
  EXPECT_EQ(engine_->alive(), 1U);
  socket_->disconnect();
  socket_->run_tasks();
  EXPECT_EQ(engine_->alive(), 0U);
  EXPECT_THAT(engine_->requests(), SizeIs(1));
}

TEST_F(GenerateSocketTest, ASlowReaderHoldsUpItsOwnGeneration) {
  say(kHello);
  socket_->fill();
  engine_->emit(0, text_event("a"));
  socket_->run_tasks();
  EXPECT_THAT(socket_->sent(), IsEmpty());
  EXPECT_EQ(engine_->unread(0), 1U);
  socket_->drain_output();
  EXPECT_THAT(socket_->sent(), SizeIs(1));
}

TEST_F(GenerateSocketTest, RefusesMoreThanItCanHold) {
  say(kHello);
  for (std::size_t i = 0; i < kMaxWaitingMessages; ++i) say(kHello);
  EXPECT_THAT(socket_->sent(), IsEmpty());
  say(kHello);
  EXPECT_THAT(socket_->sent(), ElementsAre(HasSubstr("read the answers first")));
}

TEST_F(GenerateSocketTest, SaysThatTheWorkersAreBusy) {
  socket_->lose_workers();
  say(kHello);
  EXPECT_THAT(socket_->sent(), ElementsAre(HasSubstr("overloaded")));
}

TEST_F(GenerateSocketTest, DrainingFinishesWhatRunsAndThenCloses) {
  say(kHello);
  socket_->drain_server();
  EXPECT_FALSE(socket_->close_code());
  say(kHello);
  EXPECT_THAT(socket_->sent(), ElementsAre(HasSubstr("stopping")));
  engine_->emit(0, finished_event());
  socket_->run_tasks();
  EXPECT_THAT(socket_->sent(), SizeIs(2));
  EXPECT_EQ(socket_->close_code(), http::CloseCode::GoingAway);
}

TEST_F(GenerateSocketTest, StoppingEndsWhatRunsWithAnError) {
  say(kHello);
  socket_->stop_server();
  EXPECT_THAT(socket_->sent(), ElementsAre(HasSubstr(R"("error")")));
  EXPECT_EQ(socket_->close_code(), http::CloseCode::GoingAway);
  EXPECT_EQ(engine_->alive(), 0U);
}

TEST_F(GenerateSocketTest, ChargesPromptAndAnswer) {
  engine_->script({generation::TextEvent{"ab", {{}, {}}}, finished_event()});
  say(kHello);
  const auto prompt = static_cast<std::int64_t>(engine_->requests().at(0).prompt.size());
  EXPECT_EQ(socket_->charged(), prompt + 2);
}

TEST_F(GenerateSocketTest, TakesTheModelsDefaultsWhereTheMessageSaysNothing) {
  api::ServedModel model = models_.acquire("smol").value();
  model.defaults = std::make_shared<const models::ModelDefaults>(
      models::ModelDefaults{.system = "Be brief.", .max_tokens = 9});
  models_.add(std::move(model), models_.find("smol").value());
  say(kHello);
  ASSERT_THAT(engine_->requests(), SizeIs(1));
  EXPECT_EQ(engine_->requests()[0].max_tokens, 9);
  EXPECT_EQ(support::ByteTokenizer().text(engine_->requests()[0].prompt),
            "<s>system: Be brief.\nuser: Hi\n");
}

}  // namespace
}  // namespace shimmy::api
