#include "app/remote_chat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_http_client.h"

namespace shimmy::app {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kChat = "POST /v1/chat/completions";

class RemoteChatTest : public testing::Test {
 protected:
  base::Result<ChatAnswer> ask(std::string stream, int status = 200) {
    http_->answer(kChat, {status, std::move(stream)});
    return chat_->ask(
        {{{"user", "Hi"}}, {}},
        [this](const ChatPiece& piece) {
          thoughts_ += piece.thoughts;
          text_ += piece.text;
          return goes_on_;
        },
        stop_.get_token());
  }

  const std::shared_ptr<support::FakeHttpClient> http_ =
      std::make_shared<support::FakeHttpClient>();
  ServerClient client_{{"http://box:1", "", "box:1"}, "", http_};
  const std::unique_ptr<ChatModel> chat_ = remote_chat(client_, "phi");
  std::stop_source stop_;
  std::string thoughts_;
  std::string text_;
  bool goes_on_ = true;
};

TEST_F(RemoteChatTest, ReadsTheStream) {
  const auto answer =
      ask("data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n"
          "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}\n\n"
          "data: {\"choices\":[{\"delta\":{\"content\":\"Hé\"},\"finish_reason\":null}]}\n\n"
          "data: {\"choices\":[{\"delta\":{\"content\":\"llo\"}}]}\n\n"
          "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\n\n"
          "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":3,"
          "\"prompt_tokens_details\":{\"cached_tokens\":4}}}\n\n"
          "data: [DONE]\n\n");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(text_, "Héllo");
  EXPECT_EQ(thoughts_, "hm");
  EXPECT_EQ(answer->finish_reason, "length");
  EXPECT_EQ(answer->usage.prompt_tokens, 9U);
  EXPECT_EQ(answer->usage.completion_tokens, 3U);
  EXPECT_EQ(answer->usage.cached_tokens, 4U);
}

TEST_F(RemoteChatTest, FailsWithAnErrorInTheStream) {
  const auto answer = ask("data: {\"error\":{\"message\":\"It broke.\"}}\n\n");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message, "It broke.");
}

TEST_F(RemoteChatTest, FailsWhereTheStreamBreaksOff) {
  EXPECT_THAT(ask("data: {\"choices\":[{\"delta\":{\"content\":\"He\"}}]}\n\n").error().message,
              HasSubstr("broke off"));
  EXPECT_THAT(ask("data: nonsense\n\n").error().message, HasSubstr("not JSON"));
}

TEST_F(RemoteChatTest, FailsAsTheServerRefuses) {
  const auto answer = ask(R"({"error":{"message":"There is no model phi."}})", 404);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, base::ErrorCode::ModelNotFound);
  EXPECT_EQ(answer.error().message, "There is no model phi.");
}

TEST_F(RemoteChatTest, EndsWhereNoMoreIsWanted) {
  goes_on_ = false;
  const auto answer =
      ask("data: {\"choices\":[{\"delta\":{\"content\":\"one\"}}]}\n\n"
          "data: {\"choices\":[{\"delta\":{\"content\":\"two\"}}]}\n\n");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->finish_reason, "interrupted");
  EXPECT_EQ(text_, "one");
}

TEST_F(RemoteChatTest, EndsWhenStopped) {
  stop_.request_stop();
  const auto answer = ask("data: [DONE]\n\n");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->finish_reason, "interrupted");
}

TEST_F(RemoteChatTest, SurvivesChunksOfOtherShapes) {
  EXPECT_TRUE(
      ask("data: {}\n\ndata: 1\n\ndata: {\"choices\":[1]}\n\ndata: {\"choices\":{}}\n\n"
          "data: {\"choices\":[{\"delta\":{\"content\":5}}],\"usage\":[]}\n\n"
          "data: [DONE]\n\n"));
  EXPECT_EQ(text_, "");
}

TEST(ChatRequestJson, SaysOnlyWhatWasSet) {
  const std::string plain = chat_request_json("phi", {{{"user", "H\"i"}}, {}});
  EXPECT_THAT(plain, HasSubstr(R"("messages":[{"role":"user","content":"H\"i"}])"));
  EXPECT_THAT(plain, HasSubstr(R"("stream":true)"));
  for (const char* name : {"temperature", "seed", "stop\"", "max_tokens"}) {
    EXPECT_THAT(plain, Not(HasSubstr(name)));
  }
  models::ModelDefaults settings;
  settings.top_k = 5;
  settings.penalty_last_n = 9;
  settings.max_tokens = 7;
  settings.stop = {"x"};
  const std::string set = chat_request_json("phi", {{}, settings});
  EXPECT_THAT(set, testing::AllOf(HasSubstr(R"("top_k":5)"), HasSubstr(R"("repeat_last_n":9)"),
                                  HasSubstr(R"("max_tokens":7)"), HasSubstr(R"("stop":["x"])")));
  settings.max_tokens = -1;
  EXPECT_THAT(chat_request_json("phi", {{}, settings}), Not(HasSubstr("max_tokens")));
}

}  // namespace
}  // namespace shimmy::app
