#include "app/local_chat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_engine.h"

namespace shimmy::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class LocalChatTest : public testing::Test {
 protected:
  base::Result<ChatAnswer> ask(const ChatQuestion& question) {
    if (!chat_) chat_ = local_chat(entry_, engine_).value();
    return chat_->ask(
        question,
        [this](const ChatPiece& piece) {
          text_ += piece.text;
          return goes_on_;
        },
        stop_.get_token());
  }

  std::string prompt() const {
    return support::ByteTokenizer().text(engine_->requests().back().prompt);
  }

  models::ModelEntry entry_{.name = "phi"};
  const std::shared_ptr<support::FakeEngine> engine_ = std::make_shared<support::FakeEngine>();
  std::unique_ptr<ChatModel> chat_;
  std::stop_source stop_;
  std::string text_;
  bool goes_on_ = true;
};

TEST_F(LocalChatTest, AnswersWithTheWholeHistory) {
  engine_->script({support::text_event("Hel"), support::text_event("lo"),
                   support::finished_event(generation::FinishReason::Length, {9, 2, 1})});
  const auto answer =
      ask({{{"system", "Be it."}, {"user", "One"}, {"assistant", "Two"}, {"user", "Three"}}, {}});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(text_, "Hello");
  EXPECT_EQ(answer->finish_reason, "length");
  EXPECT_EQ(answer->usage.prompt_tokens, 9U);
  for (const char* part : {"Be it.", "One", "Two", "Three"}) {
    EXPECT_THAT(prompt(), HasSubstr(part));
  }
  EXPECT_EQ(chat_->name(), "phi");
}

TEST_F(LocalChatTest, FollowsTheStoresDefaultsUnlessToldOtherwise) {
  entry_.defaults.temperature = 0.1F;
  entry_.defaults.top_k = 7;
  entry_.defaults.stop = {"A"};
  entry_.defaults.system = "Be kind.";
  engine_->script({support::finished_event()});
  engine_->script({support::finished_event()});
  models::ModelDefaults settings;
  settings.temperature = 0.9F;
  settings.stop = {"B"};
  settings.max_tokens = 5;
  settings.seed = 3;
  ASSERT_TRUE(ask({{{"user", "Hi"}}, settings}));
  const generation::Request request = engine_->requests().back();
  EXPECT_FLOAT_EQ(request.sampling.temperature, 0.9F);
  EXPECT_EQ(request.sampling.top_k, 7);
  EXPECT_EQ(request.max_tokens, 5);
  EXPECT_EQ(request.sampling.seed, 3U);
  EXPECT_THAT(request.stop, testing::IsSupersetOf({"A", "B"}));
  EXPECT_THAT(prompt(), HasSubstr("Be kind."));
  ASSERT_TRUE(ask({{{"system", "Be mean."}, {"user", "Hi"}}, settings}));
  EXPECT_THAT(prompt(), testing::AllOf(HasSubstr("Be mean."), Not(HasSubstr("Be kind."))));
}

TEST_F(LocalChatTest, EndsWhenStopped) {
  stop_.request_stop();
  const auto answer = ask({{{"user", "Hi"}}, {}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->finish_reason, "interrupted");
  EXPECT_GT(answer->usage.prompt_tokens, 0U);
  EXPECT_EQ(engine_->alive(), 0U);
}

TEST_F(LocalChatTest, EndsWhereNoMoreIsWanted) {
  goes_on_ = false;
  engine_->script(
      {support::text_event("one "), support::text_event("two"), support::finished_event()});
  EXPECT_EQ(ask({{{"user", "Hi"}}, {}})->finish_reason, "interrupted");
  EXPECT_EQ(text_, "one ");
}

TEST_F(LocalChatTest, FailsAsTheEngineDoes) {
  engine_->refuse({base::ErrorCode::Overloaded, "Full.", {}, {}});
  EXPECT_EQ(ask({{{"user", "Hi"}}, {}}).error().message, "Full.");
  engine_->script(
      {support::text_event("a"), base::Error{base::ErrorCode::GenerationFailed, "Broke.", {}, {}}});
  EXPECT_EQ(ask({{{"user", "Hi"}}, {}}).error().message, "Broke.");
}

TEST_F(LocalChatTest, TakesTheStoresTemplate) {
  entry_.defaults.chat_template =
      "{% for message in messages %}[{{ message['content'] }}]{% endfor %}";
  engine_->script({support::finished_event()});
  ASSERT_TRUE(ask({{{"user", "Hi"}}, {}}));
  EXPECT_THAT(prompt(), HasSubstr("[Hi]"));
  entry_.defaults.chat_template = "{% for %}";
  EXPECT_FALSE(local_chat(entry_, engine_));
}

}  // namespace
}  // namespace shimmy::app
