#include "api/generate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "api/handler_fixture.h"

namespace shimmy::api {
namespace {

using support::finished_event;
using support::text_event;
using testing::HasSubstr;
using testing::StartsWith;

class GenerateTest : public HandlerTest {
 protected:
  GenerateTest() : HandlerTest("/api/generate", generate) {}
};

TEST_F(GenerateTest, Nat1_AnswersInTheDocumentedShape) {
  engine_->script({text_event("Hel"), text_event("lo"),
                   finished_event(generation::FinishReason::Length,
                                  {.prompt_tokens = 10, .completion_tokens = 20})});
  const auto [status, body] = reply(R"({"model":"smol","prompt":"Hi"})");
  EXPECT_EQ(status, 200);
  EXPECT_THAT(body,
              StartsWith(R"({"choices":[{"text":"Hello","index":0,"finish_reason":"length"}],)"
                         R"("usage":{"prompt_tokens":10,"completion_tokens":20,)"
                         R"("total_tokens":30})"));
  EXPECT_EQ(engine_->requests()[0].max_tokens, 100);
}

TEST_F(GenerateTest, Nat1_StreamsTheDocumentedChunks) {
  engine_->script({text_event("Hel"), text_event("lo"), finished_event()});
  const auto exchange = ask(R"({"model":"smol","prompt":"Hi","stream":true})");
  ASSERT_TRUE(exchange->stream());
  EXPECT_THAT(exchange->stream_head()->content_type, StartsWith("text/event-stream"));
  const auto sent = events(exchange->stream()->bytes());
  ASSERT_EQ(sent.size(), 4U);
  EXPECT_EQ(sent[0], R"({"choices":[{"text":"Hel","index":0}]})");
  EXPECT_EQ(sent[1], R"({"choices":[{"text":"lo","index":0}]})");
  EXPECT_THAT(sent[2], HasSubstr(R"("finish_reason":"stop")"));
  EXPECT_EQ(sent[3], "[DONE]");
}

TEST_F(GenerateTest, AsksAChatModelThroughItsTemplate) {
  ask(R"({"model":"smol","prompt":"Hi","system":"Be brief."})");
  EXPECT_EQ(sent_prompt(0), "<s>system: Be brief.\nuser: Hi\n");
}

TEST_F(GenerateTest, GivesARawPromptAsItStands) {
  ask(R"({"model":"smol","prompt":"Hi","raw":true})");
  EXPECT_EQ(sent_prompt(0), "<s>Hi");
}

TEST_F(GenerateTest, GivesAModelWithoutTemplateThePromptAsItStands) {
  const auto base = models_.add("base", /*has_template=*/false);
  ask(R"({"model":"base","prompt":"Hi"})");
  EXPECT_EQ(support::ByteTokenizer().text(base->requests().at(0).prompt), "<s>Hi");
  EXPECT_THAT(refusal(R"({"model":"base","prompt":"Hi","system":"x"})"),
              HasSubstr("has no chat template"));
}

TEST_F(GenerateTest, AnswersErrorsInTheDocumentedEnvelope) {
  const auto [status, body] = reply(R"({"model":"nosuch","prompt":"Hi"})");
  EXPECT_EQ(status, 404);
  EXPECT_THAT(body, HasSubstr(R"("code":"model_not_found")"));
  EXPECT_THAT(body, HasSubstr(R"("details":)"));
  EXPECT_THAT(refusal("{"), HasSubstr(R"("code":"invalid_request")"));
}

TEST_F(GenerateTest, TellsTheAccessLogWhatItCost) {
  engine_->script({text_event("a"), finished_event(generation::FinishReason::Stop,
                                                   {.prompt_tokens = 7, .completion_tokens = 2})});
  const auto exchange = ask(R"({"model":"smol","prompt":"Hi"})");
  const auto notes = exchange->notes();
  EXPECT_EQ(notes.at("model"), http::Note::Value("smol"));
  EXPECT_EQ(notes.at("prompt_tokens"), http::Note::Value(std::int64_t{7}));
  EXPECT_EQ(notes.at("completion_tokens"), http::Note::Value(std::int64_t{2}));
  EXPECT_EQ(exchange->charged(), static_cast<std::int64_t>(engine_->requests()[0].prompt.size()));
}

TEST_F(GenerateTest, EndsABrokenStreamWithAnErrorEvent) {
  engine_->script(
      {text_event("a"), base::Error{base::ErrorCode::GenerationFailed, "It broke.", {}, {}}});
  const auto exchange = ask(R"({"model":"smol","prompt":"Hi","stream":true})");
  const auto sent = events(exchange->stream()->bytes());
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_THAT(sent[1], HasSubstr(R"("code":"generation_failed")"));
  EXPECT_TRUE(exchange->stream()->is_finished());
}

TEST_F(GenerateTest, TakesTheModelsDefaultsWhereTheRequestSaysNothing) {
  give_defaults({.system = "Be brief.", .min_p = 0.5F, .top_k = 2, .max_tokens = 9});
  ask(R"({"model":"smol","prompt":"Hi"})");
  EXPECT_EQ(sent_prompt(0), "<s>system: Be brief.\nuser: Hi\n");
  EXPECT_EQ(engine_->requests()[0].sampling.min_p, 0.5F);
  EXPECT_EQ(engine_->requests()[0].sampling.top_k, 2);
  EXPECT_EQ(engine_->requests()[0].max_tokens, 9);
  ask(R"({"model":"smol","prompt":"Hi","system":"Mine.","top_k":0,"max_tokens":3})");
  EXPECT_EQ(sent_prompt(1), "<s>system: Mine.\nuser: Hi\n");
  EXPECT_EQ(engine_->requests()[1].sampling.top_k, 0);
  EXPECT_EQ(engine_->requests()[1].max_tokens, 3);
  ask(R"({"model":"smol","prompt":"Hi","raw":true})");
  EXPECT_EQ(sent_prompt(2), "<s>Hi");
}

TEST_F(GenerateTest, SaysHowLongTheModelIsToStay) {
  ask(R"({"model":"smol","prompt":"Hi","keep_alive":"10m"})");
  EXPECT_EQ(models_.last_options().keep_alive, models::KeepAlive{std::chrono::minutes(10)});
  EXPECT_THAT(refusal(R"({"model":"smol","prompt":"Hi","keep_alive":"soon"})"),
              HasSubstr(R"("param":"keep_alive")"));
}

}  // namespace
}  // namespace shimmy::api
