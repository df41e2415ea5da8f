#include "api/chat_completions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "api/handler_fixture.h"

namespace shimmy::api {
namespace {

using base::ErrorCode;
using support::finished_event;
using support::text_event;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kStream =
    R"({"model":"smol","stream":true,"messages":[{"role":"user","content":"Hi"}]})";
constexpr const char* kWhole = R"({"model":"smol","messages":[{"role":"user","content":"Hi"}]})";

class ChatCompletionsTest : public HandlerTest {
 protected:
  ChatCompletionsTest() : HandlerTest("/v1/chat/completions", chat_completions) {}
};

TEST_F(ChatCompletionsTest, StreamsRoleTextFinishAndDone) {
  engine_->script({text_event("Hel"), text_event("lo"), finished_event()});
  const auto exchange = ask(kStream);
  ASSERT_TRUE(exchange->stream());
  EXPECT_EQ(exchange->stream_head()->status, 200);
  EXPECT_THAT(exchange->stream_head()->content_type, StartsWith("text/event-stream"));
  const auto sent = events(exchange->stream()->bytes());
  ASSERT_EQ(sent.size(), 5U);
  EXPECT_THAT(sent[0], HasSubstr(R"("delta":{"role":"assistant","content":"","refusal":null})"));
  EXPECT_THAT(sent[1], HasSubstr(R"("delta":{"content":"Hel"})"));
  EXPECT_THAT(sent[2], HasSubstr(R"("delta":{"content":"lo"})"));
  EXPECT_THAT(sent[3], HasSubstr(R"("delta":{},"logprobs":null,"finish_reason":"stop")"));
  EXPECT_EQ(sent[4], "[DONE]");
  EXPECT_TRUE(exchange->stream()->is_finished());
  EXPECT_FALSE(exchange->is_answered_twice());
}

TEST_F(ChatCompletionsTest, BeginsTheStreamBeforeThereIsAnyText) {
  const auto exchange = ask(kStream);
  ASSERT_TRUE(exchange->stream());
  EXPECT_EQ(events(exchange->stream()->bytes()).size(), 1U);
  EXPECT_FALSE(exchange->stream()->is_finished());
  engine_->emit(0, text_event("x"));
  exchange->run_tasks();
  EXPECT_EQ(events(exchange->stream()->bytes()).size(), 2U);
}

TEST_F(ChatCompletionsTest, StreamsUsageWhereAskedFor) {
  engine_->script({finished_event(generation::FinishReason::Length,
                                  {.prompt_tokens = 5, .completion_tokens = 2})});
  const auto exchange =
      ask(R"({"model":"smol","stream":true,"stream_options":{"include_usage":true},)"
          R"("messages":[{"role":"user","content":"Hi"}]})");
  const auto sent = events(exchange->stream()->bytes());
  ASSERT_EQ(sent.size(), 4U);
  EXPECT_THAT(sent[0], EndsWith(R"("usage":null})"));
  EXPECT_THAT(sent[1], HasSubstr(R"("finish_reason":"length")"));
  EXPECT_THAT(sent[2], HasSubstr(R"("choices":[],"usage":{"prompt_tokens":5,)"));
}

TEST_F(ChatCompletionsTest, AnswersInOneDocument) {
  engine_->script({text_event("Hel"), text_event("lo"),
                   finished_event(generation::FinishReason::Stop,
                                  {.prompt_tokens = 5, .completion_tokens = 2})});
  const auto exchange = ask(kWhole);
  ASSERT_TRUE(exchange->response());
  EXPECT_EQ(exchange->response()->status, 200);
  EXPECT_EQ(exchange->response()->content_type, "application/json");
  const std::string& body = exchange->response()->body;
  EXPECT_THAT(body, StartsWith(R"({"id":"chatcmpl-0123456789abcdef0123456789abcdef",)"));
  EXPECT_THAT(body, HasSubstr(R"("model":"smol")"));
  EXPECT_THAT(body, HasSubstr(R"("content":"Hello")"));
  EXPECT_THAT(body, HasSubstr(R"("total_tokens":7)"));
  EXPECT_FALSE(exchange->is_answered_twice());
}

TEST_F(ChatCompletionsTest, HandsTheRenderedPromptAndTheParametersToTheEngine) {
  ask(R"({"model":"smol","max_tokens":9,"seed":3,"temperature":0,"stop":"x",)"
      R"("messages":[{"role":"developer","content":"Be brief."},{"role":"user","content":"Hi"}]})");
  ASSERT_EQ(engine_->requests().size(), 1U);
  const generation::Request request = engine_->requests()[0];
  EXPECT_EQ(support::ByteTokenizer().text(request.prompt), "<s>system: Be brief.\nuser: Hi\n");
  EXPECT_EQ(request.max_tokens, 9);
  EXPECT_EQ(request.sampling.seed, 3U);
  EXPECT_EQ(request.sampling.temperature, 0.0F);
  EXPECT_THAT(request.stop, testing::ElementsAre("x"));
}

TEST_F(ChatCompletionsTest, CancelsWhenTheClientDisconnects) {
  for (const char* body : {kStream, kWhole}) {
    const auto exchange = ask(body);
    EXPECT_EQ(engine_->alive(), 1U);
    exchange->disconnect();
    EXPECT_EQ(engine_->alive(), 0U);
    EXPECT_FALSE(exchange->response());
  }
}

TEST_F(ChatCompletionsTest, PausesWhileTheClientDoesNotRead) {
  const auto exchange = ask(kStream);
  exchange->stream()->fill_after_writes(1);
  engine_->emit(0, text_event("a"));
  engine_->emit(0, text_event("b"));
  exchange->run_tasks();
  EXPECT_THAT(exchange->stream()->bytes(), HasSubstr(R"("content":"a")"));
  EXPECT_THAT(exchange->stream()->bytes(), Not(HasSubstr(R"("content":"b")")));
  EXPECT_EQ(engine_->unread(0), 1U);
  exchange->stream()->drain();
  EXPECT_THAT(exchange->stream()->bytes(), HasSubstr(R"("content":"b")"));
}

TEST_F(ChatCompletionsTest, EndsABrokenStreamWithAnErrorAndWithoutDone) {
  engine_->script({text_event("a"), base::Error{ErrorCode::GenerationFailed, "It broke.", {}, {}}});
  const auto exchange = ask(kStream);
  const auto sent = events(exchange->stream()->bytes());
  ASSERT_EQ(sent.size(), 3U);
  EXPECT_THAT(sent[2], StartsWith(R"({"error":{"message":"It broke.")"));
  EXPECT_TRUE(exchange->stream()->is_finished());
}

TEST_F(ChatCompletionsTest, AnswersAFailureBeforeTheEndWithItsStatus) {
  engine_->script({text_event("a"), base::Error{ErrorCode::Unavailable, "Stopping.", {}, {}}});
  const auto exchange = ask(kWhole);
  ASSERT_TRUE(exchange->response());
  EXPECT_EQ(exchange->response()->status, 503);
  EXPECT_THAT(exchange->response()->body, Not(HasSubstr("\"a\"")));
}

TEST_F(ChatCompletionsTest, AnswersRefusalsOfTheEngineWithTheirStatus) {
  for (const auto& [code, status] :
       {std::pair{ErrorCode::Overloaded, 503}, std::pair{ErrorCode::Unavailable, 503},
        std::pair{ErrorCode::InvalidRequest, 400}, std::pair{ErrorCode::Internal, 500}}) {
    for (const char* body : {kStream, kWhole}) {
      engine_->refuse({code, "No.", {}, {}});
      const auto exchange = ask(body);
      ASSERT_TRUE(exchange->response());
      EXPECT_FALSE(exchange->stream());
      EXPECT_EQ(exchange->response()->status, status);
      EXPECT_EQ(exchange->response()->headers.size(), status == 503 ? 1U : 0U);
    }
  }
}

TEST_F(ChatCompletionsTest, TellsAFullQueueWhenToComeBack) {
  engine_->refuse({ErrorCode::Overloaded, "The queue is full.", {}, {}});
  const auto exchange = ask(kWhole);
  ASSERT_EQ(exchange->response()->headers.size(), 1U);
  EXPECT_EQ(exchange->response()->headers[0].name, "Retry-After");
  EXPECT_EQ(exchange->response()->headers[0].value, "1");
  EXPECT_THAT(exchange->response()->body, HasSubstr(R"("code":"server_overloaded")"));
}

TEST_F(ChatCompletionsTest, WordsAnOverlongPromptAsClientsExpect) {
  const auto [status, body] = reply(R"({"model":"smol","messages":[{"role":"user","content":")" +
                                    std::string(5000, 'x') + R"("}]})");
  EXPECT_EQ(status, 400);
  EXPECT_THAT(body, HasSubstr("This model's maximum context length is 4096 tokens. However, your "
                              "messages resulted in 5008 tokens. Please reduce the length of the "
                              "messages."));
  EXPECT_THAT(body, HasSubstr(R"("param":"messages","code":"context_length_exceeded")"));
}

TEST_F(ChatCompletionsTest, AnswersUnknownModelsWith404AndNearNames) {
  const auto [status, body] =
      reply(R"({"model":"smoll","messages":[{"role":"user","content":"Hi"}]})");
  EXPECT_EQ(status, 404);
  EXPECT_THAT(body, HasSubstr(R"("code":"model_not_found")"));
  EXPECT_THAT(body, HasSubstr("Near: smol."));
}

TEST_F(ChatCompletionsTest, AnswersModelsThatCannotBeLoaded) {
  models_.fail("broken", {ErrorCode::ModelLoadFailed, "The file is truncated.", {}, {}});
  const auto [status, body] =
      reply(R"({"model":"broken","messages":[{"role":"user","content":"Hi"}]})");
  EXPECT_EQ(status, 500);
  EXPECT_THAT(body, HasSubstr(R"("code":"model_load_failed")"));
}

TEST_F(ChatCompletionsTest, RefusesModelsWithoutATemplate) {
  models_.add("base", /*has_template=*/false);
  const auto [status, body] =
      reply(R"({"model":"base","messages":[{"role":"user","content":"Hi"}]})");
  EXPECT_EQ(status, 400);
  EXPECT_THAT(body, HasSubstr("The model 'base' has no chat template"));
  EXPECT_THAT(body, HasSubstr(R"("param":"model")"));
}

TEST_F(ChatCompletionsTest, PassesOnWhatTheTemplateRefuses) {
  models_.chat_template()->refuse(
      {ErrorCode::InvalidRequest, "Roles must alternate.", {}, "messages"});
  const auto [status, body] = reply(kWhole);
  EXPECT_EQ(status, 400);
  EXPECT_THAT(body, HasSubstr("Roles must alternate."));
}

TEST_F(ChatCompletionsTest, RefusesBodiesThatAreNoRequest) {
  for (const char* body :
       {"", "{", "[]", "not json", R"({"model":"smol"})", R"({"model":"smol","messages":[]})"}) {
    const auto [status, text] = reply(body);
    EXPECT_EQ(status, 400) << body;
    EXPECT_THAT(text, StartsWith(R"({"error":{"message":")")) << body;
  }
  EXPECT_TRUE(engine_->requests().empty());
}

TEST_F(ChatCompletionsTest, KeepsTheFingerprintBetweenAnswers) {
  const auto fingerprint = [&] {
    engine_->script({finished_event()});
    const std::string body = reply(kWhole).second;
    return body.substr(body.find("\"system_fingerprint\""));
  };
  const std::string first = fingerprint();
  EXPECT_THAT(first, StartsWith(R"("system_fingerprint":"fp_)"));
  EXPECT_EQ(fingerprint(), first);
}

TEST_F(ChatCompletionsTest, ChatS6_StreamSeveralChoicesWithOneUsage) {
  engine_->script({text_event("a"), finished_event(generation::FinishReason::Stop,
                                                   {.prompt_tokens = 5, .completion_tokens = 1})});
  engine_->script({text_event("b"), finished_event(generation::FinishReason::Length,
                                                   {.prompt_tokens = 5, .completion_tokens = 2})});
  const auto exchange =
      ask(R"({"model":"smol","stream":true,"n":2,"stream_options":{"include_usage":true},)"
          R"("messages":[{"role":"user","content":"Hi"}]})");
  const auto sent = events(exchange->stream()->bytes());
  ASSERT_EQ(sent.size(), 8U);
  EXPECT_THAT(sent[0], HasSubstr(R"({"index":0,"delta":{"role":"assistant")"));
  EXPECT_THAT(sent[1], HasSubstr(R"({"index":1,"delta":{"role":"assistant")"));
  EXPECT_THAT(sent[2], HasSubstr(R"({"index":0,"delta":{"content":"a"})"));
  EXPECT_THAT(sent[3], HasSubstr(R"({"index":1,"delta":{"content":"b"})"));
  EXPECT_THAT(sent[4],
              HasSubstr(R"({"index":0,"delta":{},"logprobs":null,"finish_reason":"stop")"));
  EXPECT_THAT(sent[5], HasSubstr(R"("finish_reason":"length")"));
  EXPECT_THAT(sent[6], HasSubstr(R"("prompt_tokens":5,"completion_tokens":3,"total_tokens":8)"));
}

TEST_F(ChatCompletionsTest, GivesEachChoiceASeedOfItsOwn) {
  for (int i = 0; i < 3; ++i) engine_->script({finished_event()});
  EXPECT_EQ(
      reply(R"({"model":"smol","n":3,"seed":7,"messages":[{"role":"user","content":"Hi"}]})").first,
      200);
  ASSERT_EQ(engine_->requests().size(), 3U);
  EXPECT_EQ(engine_->requests()[2].sampling.seed, 9U);
}

TEST_F(ChatCompletionsTest, CancelsEveryChoiceWhenOneIsRefused) {
  engine_->refuse({ErrorCode::Overloaded, "No.", {}, {}});
  EXPECT_EQ(reply(R"({"model":"smol","n":4,"messages":[{"role":"user","content":"Hi"}]})").first,
            503);
  EXPECT_EQ(engine_->alive(), 0U);
}

TEST_F(ChatCompletionsTest, ChatR8_AnswersLogprobsOfTheContent) {
  engine_->script(
      {generation::TextEvent{"Hi", {{72, "H", -0.5F, {}}, {105, "i", -1, {}}}}, finished_event()});
  EXPECT_THAT(reply(R"({"model":"smol","logprobs":true,)"
                    R"("messages":[{"role":"user","content":"Hi"}]})")
                  .second,
              HasSubstr(R"("logprobs":{"content":[{"token":"H","logprob":-0.5,"bytes":[72],)"));
}

TEST_F(ChatCompletionsTest, OutlivesTheEngineItAsked) {
  const auto exchange = ask(kStream);
  EXPECT_GT(engine_.use_count(), 2);  // the provider, this test and the delivery
  exchange->disconnect();
  EXPECT_EQ(engine_.use_count(), 2);
}

TEST_F(ChatCompletionsTest, TakesTheModelsDefaultsWhereTheRequestSaysNothing) {
  give_defaults({.system = "Be brief.", .temperature = 0.0F, .max_tokens = 9, .stop = {"END"}});
  ask(kWhole);
  EXPECT_EQ(sent_prompt(0), "<s>system: Be brief.\nuser: Hi\n");
  EXPECT_EQ(engine_->requests()[0].sampling.temperature, 0.0F);
  EXPECT_EQ(engine_->requests()[0].max_tokens, 9);
  EXPECT_THAT(engine_->requests()[0].stop, testing::Contains("END"));
  ask(R"({"model":"smol","temperature":1,"max_tokens":2,"stop":"x",)"
      R"("messages":[{"role":"developer","content":"Mine."},{"role":"user","content":"Hi"}]})");
  EXPECT_EQ(sent_prompt(1), "<s>system: Mine.\nuser: Hi\n");
  EXPECT_EQ(engine_->requests()[1].sampling.temperature, 1.0F);
  EXPECT_EQ(engine_->requests()[1].max_tokens, 2);
  EXPECT_THAT(engine_->requests()[1].stop, testing::IsSupersetOf({"x", "END"}));
}

TEST_F(ChatCompletionsTest, RefusesABadValueWhateverTheModelsDefaultsAre) {
  give_defaults({.temperature = 0.0F});
  EXPECT_THAT(refusal(R"({"model":"smol","temperature":3,"messages":[{"role":"user",)"
                      R"("content":"Hi"}]})"),
              HasSubstr("temperature"));
}

TEST_F(ChatCompletionsTest, SaysHowLongTheModelIsToStay) {
  ask(R"({"model":"smol","messages":[{"role":"user","content":"Hi"}],"keep_alive":"10m"})");
  EXPECT_EQ(models_.last_options().keep_alive, models::KeepAlive{std::chrono::minutes(10)});
  EXPECT_THAT(
      refusal(
          R"({"model":"smol","messages":[{"role":"user","content":"Hi"}],"keep_alive":"soon"})"),
      HasSubstr(R"("param":"keep_alive")"));
}

}  // namespace
}  // namespace shimmy::api
