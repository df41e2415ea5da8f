#include "protocol/openai/chat_request.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "protocol/openai/chat_request_fixture.h"

namespace shimmy::protocol::openai {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A whole request with these further members.
std::string with(const std::string& members) {
  return R"({"model":"m","messages":[{"role":"user","content":"hi"}])" +
         (members.empty() ? "" : "," + members) + "}";
}

TEST(ChatRequest, NeedsOnlyModelAndMessages) {
  const ChatRequest request = decode(with(""));
  EXPECT_EQ(request.model, "m");
  ASSERT_EQ(request.conversation.messages.size(), 1U);
  EXPECT_EQ(request.conversation.messages[0].role, "user");
  EXPECT_EQ(request.conversation.messages[0].content, "hi");
  EXPECT_FALSE(request.stream);
  EXPECT_FALSE(request.include_usage);
  EXPECT_EQ(request.generation.max_tokens, -1);
  EXPECT_FALSE(request.generation.sampling.seed);
  EXPECT_EQ(request.generation.sampling.temperature, generation::Sampling().temperature);
  EXPECT_TRUE(request.generation.stop.empty());
}

TEST(ChatRequest, ReadsEveryField) {
  const ChatRequest request = decode(with(
      R"("stream":true,"stream_options":{"include_usage":true},"max_tokens":5,"temperature":0,)"
      R"("top_p":0.5,"top_k":7,"min_p":0.25,"typical_p":0.75,"presence_penalty":-2,)"
      R"("frequency_penalty":2,"repeat_penalty":1.5,"repeat_last_n":-1,"seed":42,)"
      R"("stop":["a","b"],"ignore_eos":true,"mirostat":2)"));
  EXPECT_TRUE(request.stream);
  EXPECT_TRUE(request.include_usage);
  const generation::Sampling& sampling = request.generation.sampling;
  EXPECT_EQ(request.generation.max_tokens, 5);
  EXPECT_EQ(sampling.temperature, 0.0F);
  EXPECT_EQ(sampling.top_p, 0.5F);
  EXPECT_EQ(sampling.top_k, 7);
  EXPECT_EQ(sampling.min_p, 0.25F);
  EXPECT_EQ(sampling.typical_p, 0.75F);
  EXPECT_EQ(sampling.presence_penalty, -2.0F);
  EXPECT_EQ(sampling.frequency_penalty, 2.0F);
  EXPECT_EQ(sampling.repeat_penalty, 1.5F);
  EXPECT_EQ(sampling.penalty_last_n, -1);
  EXPECT_EQ(sampling.mirostat, 2);
  EXPECT_EQ(sampling.seed, 42U);
  EXPECT_THAT(request.generation.stop, ElementsAre("a", "b"));
  EXPECT_TRUE(request.generation.ignore_eos);
}

TEST(ChatRequest, PrefersTheNewNameOfTheLimit) {
  EXPECT_EQ(decode(with(R"("max_tokens":5,"max_completion_tokens":6)")).generation.max_tokens, 6);
  EXPECT_EQ(decode(with(R"("max_tokens":5,"max_completion_tokens":null)")).generation.max_tokens,
            5);
  EXPECT_EQ(decode(with(R"("max_tokens":-1)")).generation.max_tokens, -1);
  EXPECT_EQ(decode(with(R"("max_tokens":5.0)")).generation.max_tokens, 5);
}

TEST(ChatRequest, FoldsSeedsTheSameWayEveryTime) {
  const auto seed = [](const std::string& text) {
    return decode(with("\"seed\":" + text)).generation.sampling.seed;
  };
  EXPECT_EQ(seed("0"), 0U);
  EXPECT_EQ(seed("4294967297"), 0U);  // 2^32 + 1
  EXPECT_EQ(seed("-9223372036854775808"), 0x80000000U);
  EXPECT_EQ(seed("9223372036854775807"), 0x80000000U);
  EXPECT_EQ(seed("null"), std::nullopt);
}

TEST(ChatRequest, TakesOneStopOrSeveral) {
  EXPECT_THAT(decode(with(R"("stop":"x")")).generation.stop, ElementsAre("x"));
  EXPECT_THAT(decode(with(R"("stop":[])")).generation.stop, ElementsAre());
  EXPECT_THAT(decode(with(R"("stop":null)")).generation.stop, ElementsAre());
}

TEST(ChatRequest, ReadsLogitBias) {
  const auto bias =
      decode(with(R"("logit_bias":{"7":-100,"8":1.5})")).generation.sampling.logit_bias;
  ASSERT_EQ(bias.size(), 2U);
  EXPECT_EQ(bias[0].first, 7);
  EXPECT_TRUE(std::isinf(bias[0].second) && bias[0].second < 0);
  EXPECT_EQ(bias[1].second, 1.5F);
}

TEST(ChatRequest, IgnoresUnknownFieldsAndHarmlessValues) {
  decode(with(R"("user":"x","store":false,"metadata":{"a":"b"},"service_tier":"auto",)"
              R"("whatever":[1,{"x":null}],"n":1,"logprobs":false,"top_logprobs":0,"tools":[],)"
              R"("tool_choice":"auto","response_format":{"type":"text"},"modalities":["text"],)"
              R"("parallel_tool_calls":true,"functions":[],"grammar":"","prediction":{},)"
              R"("chat_template_kwargs":{},"add_generation_prompt":true,)"
              R"("web_search_options":{},"best_of":1)"));
}

TEST(ChatRequest, TakesNullForEveryOptionalField) {
  std::string members;
  for (const char* key : {"stream",
                          "stream_options",
                          "max_tokens",
                          "max_completion_tokens",
                          "temperature",
                          "top_p",
                          "top_k",
                          "n",
                          "stop",
                          "seed",
                          "presence_penalty",
                          "frequency_penalty",
                          "logit_bias",
                          "logprobs",
                          "top_logprobs",
                          "response_format",
                          "tools",
                          "tool_choice",
                          "functions",
                          "function_call",
                          "modalities",
                          "audio",
                          "reasoning_effort",
                          "ignore_eos"})
    members += fmt::format("{}\"{}\":null", members.empty() ? "" : ",", key);
  decode(with(members));
}

TEST(ChatRequest, RefusesWrongTypesByName) {
  for (const char* key :
       {"temperature", "top_p", "min_p", "typical_p", "presence_penalty", "frequency_penalty",
        "repeat_penalty", "dry_base", "max_tokens", "max_completion_tokens", "top_k",
        "repeat_last_n", "seed", "stream", "ignore_eos", "stream_options", "logit_bias"}) {
    for (const char* wrong : {"\"1\"", "[]"})
      expect_refused(with(fmt::format("\"{}\":{}", key, wrong)), key, "invalid_type");
  }
  EXPECT_EQ(error_of(with(R"("temperature":"hot")")).message,
            "Invalid type for 'temperature': expected a decimal, but got a string instead.");
}

TEST(ChatRequest, RefusesValuesOutOfRangeByName) {
  for (const Refusal& each : std::vector<Refusal>{
           {R"("temperature":2.1)", "temperature", "decimal_above_max_value"},
           {R"("temperature":-0.1)", "temperature", "decimal_below_min_value"},
           {R"("temperature":1e300)", "temperature", "decimal_above_max_value"},
           {R"("top_p":1.01)", "top_p", "decimal_above_max_value"},
           {R"("top_p":-1)", "top_p", "decimal_below_min_value"},
           {R"("presence_penalty":-2.5)", "presence_penalty", "decimal_below_min_value"},
           {R"("frequency_penalty":2.5)", "frequency_penalty", "decimal_above_max_value"},
           {R"("repeat_penalty":0)", "repeat_penalty", "decimal_below_min_value"},
           {R"("max_tokens":0)", "max_tokens", "integer_below_min_value"},
           {R"("max_tokens":-2)", "max_tokens", "integer_below_min_value"},
           {R"("max_tokens":0,"max_completion_tokens":1)", "max_tokens", "integer_below_min_value"},
           {R"("max_completion_tokens":2147483648)", "max_completion_tokens",
            "integer_above_max_value"},
           {R"("max_tokens":1.5)", "max_tokens", "invalid_type"},
           {R"("top_k":-1)", "top_k", "integer_below_min_value"},
           {R"("seed":1.5)", "seed", "invalid_type"},
           {R"("seed":18446744073709551615)", "seed", "integer_above_max_value"},
           {R"("mirostat":3)", "mirostat", "integer_above_max_value"},
           {R"("stop":1)", "stop", "invalid_type"},
           {R"("stop":["a",1])", "stop[1]", "invalid_type"},
           {R"("stop":["","","","","","","","","","","","","","","","",""])", "stop",
            "array_above_max_length"},
           {R"("logit_bias":{"x":1})", "logit_bias", "invalid_value"},
           {R"("logit_bias":{"-1":1})", "logit_bias", "invalid_value"},
           {R"("logit_bias":{"1":101})", "logit_bias.1", "decimal_above_max_value"},
           {R"("logit_bias":{"1":"x"})", "logit_bias.1", "invalid_type"},
           {R"("stream_options":{"include_usage":1})", "stream_options.include_usage",
            "invalid_type"}})
    expect_refused(with(each.members), each.param, each.reason);
}

TEST(ChatRequest, RefusesToSpeak) {
  expect_refused(with(R"("modalities":["text","audio"])"), "modalities", "unsupported_value");
}

TEST(ChatRequest, RefusesWhatItCannotHonourYet) {
  for (const Refusal& each : std::vector<Refusal>{

           {R"("audio":{"voice":"x"})", "audio", ""},
           {R"("samplers":["top_k"])", "samplers", ""},
           {R"("top_n_sigma":1.5)", "top_n_sigma", ""},
           {R"("dynatemp_range":0.5)", "dynatemp_range", ""},
           {R"("length_penalty":2)", "length_penalty", ""},
           {R"("use_beam_search":true)", "use_beam_search", ""},
       }) {
    expect_refused(with(each.members), each.param, "unsupported_parameter");
    EXPECT_THAT(error_of(with(each.members)).message, HasSubstr("not supported yet"));
  }
}

TEST(ChatRequest, ReadsWhatEndsAGeneration) {
  const ChatRequest request = decode(with(R"("stop_token_ids":[7,0],"min_tokens":4)"));
  EXPECT_EQ(request.generation.stop_tokens, (std::vector<generation::Token>{7, 0}));
  EXPECT_EQ(request.generation.min_tokens, 4);
  expect_refused(with(R"("stop_token_ids":[1,-1])"), "stop_token_ids[1]", "invalid_type");
  expect_refused(with(R"("stop_token_ids":["a"])"), "stop_token_ids[0]", "invalid_type");
  expect_refused(with(R"("min_tokens":-1)"), "min_tokens", "integer_below_min_value");
}

TEST(ChatRequest, ReadsChoicesAndLogprobs) {
  const ChatRequest request = decode(with(R"("n":3,"logprobs":true,"top_logprobs":5)"));
  EXPECT_EQ(request.choices, 3U);
  EXPECT_EQ(request.generation.logprobs, 5);
  EXPECT_EQ(decode(with(R"("logprobs":true)")).generation.logprobs, 0);
  EXPECT_EQ(decode(with(R"("logprobs":false)")).generation.logprobs, std::nullopt);
  expect_refused(with(R"("n":0)"), "n", "integer_below_min_value");
  expect_refused(with(R"("n":129)"), "n", "integer_above_max_value");
  expect_refused(with(R"("top_logprobs":3)"), "top_logprobs", "invalid_value");
  expect_refused(with(R"("logprobs":true,"top_logprobs":21)"), "top_logprobs",
                 "integer_above_max_value");
}

TEST(ChatRequest, ReadsHowMuchToThink) {
  EXPECT_EQ(decode(with(R"("reasoning_effort":"none")")).conversation.thinking, false);
  const auto low = decode(with(R"("reasoning":{"effort":"low"})")).conversation;
  EXPECT_EQ(low.reasoning_effort, "low");
  EXPECT_EQ(low.thinking, std::nullopt);
  EXPECT_FALSE(decode(with(R"("reasoning_format":"none")")).conversation.separates_reasoning);
  EXPECT_TRUE(decode(with("")).conversation.separates_reasoning);
  expect_refused(with(R"("reasoning_effort":"much")"), "reasoning_effort", "invalid_value");
  expect_refused(with(R"("reasoning":{"effort":"much"})"), "reasoning.effort", "invalid_value");
}

TEST(ChatRequest, HandsArgumentsToTheTemplate) {
  const auto conversation =
      decode(with(R"("chat_template_kwargs":{"enable_thinking":false,"a":[1,"x"]},)"
                  R"("verbosity":"low")"))
          .conversation;
  EXPECT_EQ(conversation.thinking, false);
  using Pair = std::pair<std::string, std::string>;
  EXPECT_THAT(conversation.template_arguments,
              ElementsAre(Pair{"verbosity", "\"low\""}, Pair{"a", R"([1,"x"])"}));
  expect_refused(with(R"("chat_template_kwargs":{"enable_thinking":1})"),
                 "chat_template_kwargs.enable_thinking", "invalid_type");
  expect_refused(with(R"("verbosity":"loud")"), "verbosity", "invalid_value");
}

TEST(ChatRequest, ContinuesTheAnswerThatTheClientBegan) {
  const std::string messages = R"({"model":"m","messages":[{"role":"assistant","content":"So"}],)";
  const auto conversation = decode(messages + R"("continue_final_message":true})").conversation;
  EXPECT_TRUE(conversation.continues_final_message);
  EXPECT_FALSE(conversation.adds_generation_prompt);
  expect_refused(messages + R"("continue_final_message":true,"add_generation_prompt":true})",
                 "add_generation_prompt", "invalid_value");
  expect_refused(with(R"("continue_final_message":true)"), "continue_final_message",
                 "invalid_value");
}

TEST(ChatRequest, ReadsOtherServersNames) {
  const generation::Request request =
      decode(with(R"("n_predict":9,"repetition_penalty":1.25)")).generation;
  EXPECT_EQ(request.max_tokens, 9);
  EXPECT_EQ(request.sampling.repeat_penalty, 1.25F);
}

TEST(ChatRequest, ReadsTheTextsThatBreakRepetitions) {
  const auto body = [](const std::string& breakers) {
    return R"({"model":"m","messages":[{"role":"user","content":"x"}],)"
           R"("dry_sequence_breakers":)" +
           breakers + "}";
  };
  const auto request = decode_chat_request(body(R"(["\n", "--"])"));
  ASSERT_TRUE(request);
  EXPECT_THAT(request->generation.sampling.dry_breakers, testing::ElementsAre("\n", "--"));
  expect_refused(body(R"(["a", 1])"), "dry_sequence_breakers[1]", "invalid_type");
  expect_refused(body(R"("a")"), "dry_sequence_breakers", "invalid_type");
}

TEST(ChatRequest, NeedsAModel) {
  const base::Error error = error_of(R"({"messages":[{"role":"user","content":"x"}]})");
  EXPECT_EQ(error.message, "you must provide a model parameter");
  EXPECT_EQ(error.param, "");
  EXPECT_EQ(error.reason, "");
  expect_refused(R"({"model":7,"messages":[]})", "model", "invalid_type");
}

TEST(ChatRequest, RefusesWhatIsNoJson) {
  for (const char* body : {"", "{", "[]", "nonsense", "\xFF"})
    EXPECT_THAT(error_of(body).message, HasSubstr("could not parse the JSON body")) << body;
}

TEST(ChatRequest, TakesTheModelsDefaultsWhereItSaysNothing) {
  RequestDefaults defaults{.sampling = {}, .max_tokens = 77, .stop = {"END"}};
  defaults.sampling.temperature = 0.1F;
  defaults.sampling.top_k = 3;
  defaults.sampling.seed = 5;
  const auto silent = decode_chat_request(with(R"("n":1)"), defaults).value().generation;
  EXPECT_EQ(silent.sampling.temperature, 0.1F);
  EXPECT_EQ(silent.sampling.top_k, 3);
  EXPECT_EQ(silent.sampling.seed, 5U);
  EXPECT_EQ(silent.max_tokens, 77);
  EXPECT_THAT(silent.stop, ElementsAre("END"));
  const auto given =
      decode_chat_request(
          with(R"("temperature":0.7,"top_k":40,"seed":null,"max_tokens":-1,"stop":"x")"), defaults)
          .value()
          .generation;
  EXPECT_EQ(given.sampling.temperature, 0.7F);
  EXPECT_EQ(given.sampling.top_k, 40);
  EXPECT_EQ(given.sampling.seed, 5U) << "null says nothing";
  EXPECT_EQ(given.max_tokens, -1);
  EXPECT_THAT(given.stop, ElementsAre("x", "END"));
}

}  // namespace
}  // namespace shimmy::protocol::openai
