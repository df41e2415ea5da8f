#include "protocol/openai/chat_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shimmy::protocol::openai {
namespace {

using generation::FinishReason;
using generation::GeneratedToken;
using testing::HasSubstr;
using testing::Not;

const ChatHead kHead{.id = "chatcmpl-1", .created = 17, .model = "m\"x", .fingerprint = "fp_1"};
const Usage kCounts{
    .prompt_tokens = 19, .completion_tokens = 3, .cached_tokens = 13, .timings = {}};

constexpr const char* kUsage =
    R"({"prompt_tokens":19,"completion_tokens":3,"total_tokens":22,)"
    R"("prompt_tokens_details":{"cached_tokens":13,"audio_tokens":0},)"
    R"("completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,)"
    R"("accepted_prediction_tokens":0,"rejected_prediction_tokens":0}})";
constexpr const char* kBefore =
    R"(data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":17,"model":"m\"x",)"
    R"("service_tier":"default","system_fingerprint":"fp_1","choices":)";

std::string chunk(const std::string& choice, const std::string& tail = "}\n\n") {
  return kBefore + ("[" + choice + "]") + tail;
}

ChatHead head_with_usage() {
  ChatHead head = kHead;
  head.include_usage = true;
  return head;
}

ChatPiece content(std::string text) { return {.delta = {.content = std::move(text)}}; }

std::string answer(const ChatChoice& choice, const ChatHead& head = kHead) {
  return encode_chat_answer(head, std::vector{choice}, kCounts);
}

TEST(ChatAnswer, IsOneDocumentWithEveryKey) {
  EXPECT_THAT(answer({.content = "Hel\nlo", .reason = FinishReason::Length}),
              testing::StartsWith(
                  std::string(R"({"id":"chatcmpl-1","object":"chat.completion","created":17,)"
                              R"("model":"m\"x","choices":[{"index":0,"message":{)"
                              R"("role":"assistant","content":"Hel\nlo","refusal":null,)"
                              R"("annotations":[]},"logprobs":null,)"
                              R"("finish_reason":"length"}],"usage":)") +
                  kUsage + R"(,"service_tier":"default","system_fingerprint":"fp_1","timings":{)"));
}

TEST(ChatAnswer, NumbersItsChoices) {
  const std::vector<ChatChoice> choices{{.content = "a"}, {.content = "b"}};
  const std::string text = encode_chat_answer(kHead, choices, kCounts);
  EXPECT_THAT(text,
              HasSubstr(R"("choices":[{"index":0,"message":{"role":"assistant","content":"a")"));
  EXPECT_THAT(text, HasSubstr(R"({"index":1,"message":{"role":"assistant","content":"b")"));
}

TEST(ChatAnswer, CallsToolsInPlaceOfContent) {
  const ChatChoice choice{.tool_calls = {{"call_1", "f", R"({"a":1})"}, {"call_2", "g", "{}"}}};
  EXPECT_THAT(answer(choice), HasSubstr(R"("content":null,"refusal":null,"annotations":[],)"
                                        R"("tool_calls":[{"id":"call_1","type":"function",)"
                                        R"("function":{"name":"f","arguments":"{\"a\":1}"}},)"
                                        R"({"id":"call_2","type":"function",)"
                                        R"("function":{"name":"g","arguments":"{}"}}]},)"
                                        R"("logprobs":null,"finish_reason":"tool_calls")"));
}

TEST(ChatAnswer, KeepsTextBeforeACallAndTheReasonOfACutOne) {
  const std::string text = answer({.content = "Let me see.",
                                   .tool_calls = {{"call_1", "f", R"({"a)"}},
                                   .reason = FinishReason::Length});
  EXPECT_THAT(text, HasSubstr(R"("content":"Let me see.")"));
  EXPECT_THAT(text, HasSubstr(R"("finish_reason":"length")"));
}

TEST(ChatAnswer, SpeaksTheOlderFormToThoseWhoAskInIt) {
  ChatHead head = kHead;
  head.is_function_style = true;
  const std::string text = answer({.tool_calls = {{"call_1", "f", "{}"}}}, head);
  EXPECT_THAT(text, HasSubstr(R"("function_call":{"name":"f","arguments":"{}"}})"));
  EXPECT_THAT(text, HasSubstr(R"("finish_reason":"function_call")"));
  EXPECT_THAT(text, Not(HasSubstr("tool_calls")));
}

TEST(ChatAnswer, ShowsThoughtsBesideTheContent) {
  EXPECT_THAT(answer({.content = "4", .reasoning = "2+2"}),
              HasSubstr(R"("annotations":[],"reasoning_content":"2+2"})"));
}

TEST(ChatAnswer, ShowsLogprobsAndTokenIdsWhereAskedFor) {
  ChatHead head = kHead;
  head.has_logprobs = true;
  head.prompt_token_ids = {1, 2};
  const std::string text =
      answer({.content = "a", .content_tokens = {{7, "a", -0.5F, {}}}, .token_ids = {7}}, head);
  EXPECT_THAT(text, HasSubstr(R"("logprobs":{"content":[{"token":"a","logprob":-0.5,"bytes":[97],)"
                              R"("top_logprobs":[]}],"refusal":null})"));
  EXPECT_THAT(text, HasSubstr(R"("token_ids":[7])"));
  EXPECT_THAT(text, HasSubstr(R"("prompt_token_ids":[1,2])"));
}

TEST(ChunkWriter, ChatS2_StartsWithTheRole) {
  EXPECT_EQ(ChunkWriter(kHead).start(2),
            chunk(R"({"index":2,"delta":{"role":"assistant","content":"","refusal":null},)"
                  R"("logprobs":null,"finish_reason":null})"));
}

TEST(ChunkWriter, EscapesText) {
  EXPECT_EQ(ChunkWriter(kHead).piece(0, content("a\"\n\xE2\x82\xAC{}")),
            chunk("{\"index\":0,\"delta\":{\"content\":\"a\\\"\\n\xE2\x82\xAC{}\"},"
                  R"("logprobs":null,"finish_reason":null})"));
}

TEST(ChunkWriter, SaysNothingForAnEmptyPiece) { EXPECT_EQ(ChunkWriter(kHead).piece(0, {}), ""); }

TEST(ChunkWriter, ChatS3_EndsWithAnEmptyDeltaAndDone) {
  const ChunkWriter writer(kHead);
  EXPECT_EQ(writer.finish(0, FinishReason::Length, false),
            chunk(R"({"index":0,"delta":{},"logprobs":null,"finish_reason":"length"})"));
  EXPECT_EQ(writer.end(kCounts), "data: [DONE]\n\n");
}

TEST(ChunkWriter, AddsUsageWhereItWasAskedFor) {
  const ChunkWriter writer(head_with_usage());
  EXPECT_EQ(writer.piece(0, content("x")),
            chunk(R"({"index":0,"delta":{"content":"x"},"logprobs":null,"finish_reason":null})",
                  ",\"usage\":null}\n\n"));
  EXPECT_THAT(writer.end(kCounts),
              testing::StartsWith(kBefore + std::string("[],\"usage\":") + kUsage));
  EXPECT_THAT(writer.end(kCounts), testing::EndsWith("}\n\ndata: [DONE]\n\n"));
}

TEST(ChunkWriter, ChatS5_NamesACallOnceAndThenOnlyAddsArguments) {
  const ChunkWriter writer(kHead);
  const chat::AnswerDelta first{.tool_calls = {{.index = 0, .id = "call_1", .name = "f"}}};
  const chat::AnswerDelta more{.tool_calls = {{.index = 0, .arguments = "{\"a"}}};
  EXPECT_EQ(writer.piece(0, {.delta = first}),
            chunk(R"({"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1",)"
                  R"("type":"function","function":{"name":"f","arguments":""}}]},)"
                  R"("logprobs":null,"finish_reason":null})"));
  EXPECT_EQ(writer.piece(0, {.delta = more}),
            chunk(R"({"index":0,"delta":{"tool_calls":[{"index":0,)"
                  R"("function":{"arguments":"{\"a"}}]},"logprobs":null,"finish_reason":null})"));
  EXPECT_THAT(writer.finish(0, FinishReason::Stop, true),
              HasSubstr(R"("finish_reason":"tool_calls")"));
}

TEST(ChunkWriter, ChatS5_SplitsACallThatComesWhole) {
  const std::string text = ChunkWriter(kHead).piece(
      0, {.delta = {.tool_calls = {
                        {.index = 1, .id = "call_2", .name = "g", .arguments = R"({"x":1})"}}}});
  EXPECT_THAT(text, HasSubstr(R"("function":{"name":"g","arguments":""}})"));
  EXPECT_THAT(text,
              HasSubstr(R"("tool_calls":[{"index":1,"function":{"arguments":"{\"x\":1}"}}])"));
}

TEST(ChunkWriter, ChatS8_SendsThoughtsBeforeContent) {
  const std::string text =
      ChunkWriter(kHead).piece(0, {.delta = {.reasoning = "hm", .content = "so"}});
  EXPECT_LT(text.find(R"("delta":{"reasoning_content":"hm"})"),
            text.find(R"("delta":{"content":"so"})"));
}

TEST(ChunkWriter, ChatS7_PutsLogprobsOnTheChunkOfTheirToken) {
  ChatHead head = kHead;
  head.has_logprobs = true;
  const ChunkWriter writer(head);
  EXPECT_THAT(writer.piece(0, {.delta = {.content = "a"}, .content_tokens = {{7, "a", -1, {}}}}),
              HasSubstr(R"("logprobs":{"content":[{"token":"a")"));
}

}  // namespace
}  // namespace shimmy::protocol::openai
