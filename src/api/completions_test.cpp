#include "api/completions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "api/handler_fixture.h"

namespace shimmy::api {
namespace {

using support::finished_event;
using support::text_event;
using testing::HasSubstr;
using testing::Not;

class CompletionsTest : public HandlerTest {
 protected:
  CompletionsTest() : HandlerTest("/v1/completions", completions) {}
};

generation::Event tokens_event(const std::string& text, float logprob) {
  return generation::TextEvent{text, {{7, text, logprob, {{7, text, logprob}}}}};
}

TEST_F(CompletionsTest, Comp1_GiveThePromptToTheModelAsItStands) {
  engine_->script({text_event("b"), finished_event()});
  const auto [status, body] = reply(R"({"model":"smol","prompt":"a<|im_end|>"})");
  EXPECT_EQ(status, 200);
  EXPECT_THAT(body, HasSubstr(R"("choices":[{"text":"b","index":0,"logprobs":null)"));
  EXPECT_THAT(body, HasSubstr(R"("id":"cmpl-)"));
  EXPECT_EQ(sent_prompt(0), "<s>a<|im_end|>");
  EXPECT_EQ(engine_->requests()[0].max_tokens, 16);
}

TEST_F(CompletionsTest, TakeTokensWithoutAddingAny) {
  engine_->script({finished_event()});
  reply(R"({"model":"smol","prompt":[97,98]})");
  EXPECT_THAT(engine_->requests()[0].prompt, testing::ElementsAre(97, 98));
}

TEST_F(CompletionsTest, Comp5_FillInBetweenPromptAndSuffix) {
  engine_->infill();
  engine_->script({text_event("b"), finished_event()});
  EXPECT_EQ(reply(R"({"model":"smol","prompt":"a<MID>","suffix":"c<s>"})").first, 200);
  // Names of special tokens stay text.
  EXPECT_EQ(sent_prompt(0), "<s><PRE>a<MID><SUF>c<s><MID>");
  EXPECT_EQ(engine_->requests()[0].prompt.size(), 4U + 6U + 4U);
}

TEST_F(CompletionsTest, Comp5_RefuseASuffixThatTheModelCannotUse) {
  const std::string body = refusal(R"({"model":"smol","prompt":"a","suffix":"c"})");
  EXPECT_THAT(body, HasSubstr(R"("param":"suffix")"));
  EXPECT_THAT(body, HasSubstr(R"("code":"unsupported_parameter")"));
  engine_->script({finished_event()});
  EXPECT_EQ(reply(R"({"model":"smol","prompt":"a","suffix":""})").first, 200) << "as if not given";
}

TEST_F(CompletionsTest, Comp2_NumberTheirChoicesByPromptThenSample) {
  for (const char* text : {"0", "1", "2", "3"})
    engine_->script({text_event(text), finished_event()});
  const auto [status, body] = reply(R"({"model":"smol","prompt":["a","b"],"n":2,"seed":5})");
  EXPECT_EQ(status, 200);
  for (const char* choice : {R"({"text":"0","index":0)", R"({"text":"1","index":1)",
                             R"({"text":"2","index":2)", R"({"text":"3","index":3)"})
    EXPECT_THAT(body, HasSubstr(choice));
  EXPECT_EQ(sent_prompt(1), "<s>a");
  EXPECT_EQ(sent_prompt(2), "<s>b");
  EXPECT_EQ(engine_->requests()[0].sampling.seed, 5U);
  EXPECT_EQ(engine_->requests()[1].sampling.seed, 6U);
}

TEST_F(CompletionsTest, ChatR7_CountEachPromptOnce) {
  for (int i = 0; i < 4; ++i)
    engine_->script({finished_event(generation::FinishReason::Stop,
                                    {.prompt_tokens = 10, .completion_tokens = 1})});
  EXPECT_THAT(reply(R"({"model":"smol","prompt":["a","b"],"n":2})").second,
              HasSubstr(R"("prompt_tokens":20,"completion_tokens":4,"total_tokens":24)"));
}

TEST_F(CompletionsTest, Comp4_AnswerTheBestOfSeveral) {
  engine_->script({tokens_event("bad", -3), finished_event()});
  engine_->script({tokens_event("good", -1), finished_event()});
  engine_->script({tokens_event("fair", -2), finished_event()});
  const auto [status, body] = reply(R"({"model":"smol","prompt":"a","n":2,"best_of":3})");
  EXPECT_EQ(status, 200);
  EXPECT_THAT(body, HasSubstr(R"({"text":"good","index":0,"logprobs":null)"));
  EXPECT_THAT(body, HasSubstr(R"({"text":"fair","index":1)"));
  EXPECT_THAT(body, Not(HasSubstr("bad")));
  EXPECT_EQ(engine_->requests()[0].logprobs, 0);
}

TEST_F(CompletionsTest, Comp3_EchoThePrompt) {
  engine_->script({text_event("b"), finished_event()});
  EXPECT_THAT(reply(R"({"model":"smol","prompt":"a","echo":true})").second,
              HasSubstr(R"("text":"ab")"));
  engine_->script({text_event("b"), finished_event()});
  EXPECT_THAT(reply(R"({"model":"smol","prompt":[97],"echo":true})").second,
              HasSubstr(R"("text":"ab")"));
}

TEST_F(CompletionsTest, Comp3_ScoreThePromptWithoutGenerating) {
  engine_->script({generation::PromptEvent{{{97, "a", 0, {}}, {98, "b", -2, {{99, "c", -1}}}}},
                   finished_event(generation::FinishReason::Length)});
  const auto [status, body] =
      reply(R"({"model":"smol","prompt":[97,98],"echo":true,"max_tokens":0,"logprobs":1})");
  EXPECT_EQ(status, 200);
  EXPECT_THAT(body, HasSubstr(R"("text":"ab","index":0,"logprobs":{"tokens":["a","b"],)"
                              R"("token_logprobs":[null,-2],"top_logprobs":[null,{"c":-1}],)"
                              R"("text_offset":[0,1]})"));
  EXPECT_EQ(engine_->requests()[0].max_tokens, 0);
  EXPECT_EQ(engine_->requests()[0].prompt_logprobs, 1);
}

TEST_F(CompletionsTest, Comp3_StreamThePromptWithItsScores) {
  engine_->script(
      {generation::PromptEvent{{{97, "a", 0, {}}}}, tokens_event("x", -1), finished_event()});
  const auto exchange =
      ask(R"({"model":"smol","prompt":"a","stream":true,"echo":true,"logprobs":0})");
  const auto sent = events(exchange->stream()->bytes());
  ASSERT_EQ(sent.size(), 4U);
  EXPECT_THAT(sent[0], HasSubstr(R"({"text":"a","index":0,"logprobs":{"tokens":["a"],)"
                                 R"("token_logprobs":[null])"));
  EXPECT_THAT(sent[1], HasSubstr(R"("text_offset":[1])"));
}

TEST_F(CompletionsTest, Comp6_StreamChunksOfEveryChoice) {
  engine_->script({tokens_event("x", -1), finished_event()});
  engine_->script({tokens_event("y", -2), finished_event()});
  const auto exchange = ask(R"({"model":"smol","prompt":"a","n":2,"stream":true,"echo":true,)"
                            R"("stream_options":{"include_usage":true}})");
  const auto sent = events(exchange->stream()->bytes());
  ASSERT_EQ(sent.size(), 8U);
  EXPECT_THAT(sent[0], HasSubstr(R"({"text":"a","index":0)"));
  EXPECT_THAT(sent[1], HasSubstr(R"({"text":"a","index":1)"));
  EXPECT_THAT(sent[2], HasSubstr(R"({"text":"x","index":0,"logprobs":null)"));
  EXPECT_THAT(sent[3], HasSubstr(R"({"text":"y","index":1)"));
  EXPECT_THAT(sent[4], HasSubstr(R"("finish_reason":"stop")"));
  EXPECT_THAT(sent[6], HasSubstr(R"("choices":[],"usage":{)"));
  EXPECT_EQ(sent[7], "[DONE]");
}

TEST_F(CompletionsTest, RefuseWhatTheModelCannotRead) {
  EXPECT_THAT(refusal(R"({"model":"smol","prompt":[100000]})"),
              HasSubstr("the model has no token 100000"));
  EXPECT_THAT(refusal(R"({"model":"smol","prompt":")" + std::string(5000, 'x') + R"("})"),
              HasSubstr("However, your prompt resulted in 5001 tokens"));
  EXPECT_TRUE(engine_->requests().empty());
  EXPECT_EQ(engine_->alive(), 0U);
}

TEST_F(CompletionsTest, TakeTheModelsDefaultsWhereTheRequestSaysNothing) {
  give_defaults({.system = "No.", .top_p = 0.5F, .max_tokens = 9, .seed = 4, .stop = {"END"}});
  ask(R"({"model":"smol","prompt":"a"})");
  EXPECT_EQ(sent_prompt(0), "<s>a") << "a prompt as it stands has no system message";
  EXPECT_EQ(engine_->requests()[0].sampling.top_p, 0.5F);
  EXPECT_EQ(engine_->requests()[0].sampling.seed, 4U);
  EXPECT_EQ(engine_->requests()[0].max_tokens, 9);
  EXPECT_THAT(engine_->requests()[0].stop, testing::ElementsAre("END"));
  ask(R"({"model":"smol","prompt":"a","top_p":1,"seed":8,"max_tokens":2})");
  EXPECT_EQ(engine_->requests()[1].sampling.top_p, 1.0F);
  EXPECT_EQ(engine_->requests()[1].sampling.seed, 8U);
  EXPECT_EQ(engine_->requests()[1].max_tokens, 2);
}

TEST_F(CompletionsTest, SaysHowLongTheModelIsToStay) {
  ask(R"({"model":"smol","prompt":"Hi","keep_alive":"10m"})");
  EXPECT_EQ(models_.last_options().keep_alive, models::KeepAlive{std::chrono::minutes(10)});
  EXPECT_THAT(refusal(R"({"model":"smol","prompt":"Hi","keep_alive":"soon"})"),
              HasSubstr(R"("param":"keep_alive")"));
}

}  // namespace
}  // namespace shimmy::api
