#include "protocol/openai/chat_answer.h"

#include <gtest/gtest.h>

namespace shimmy::protocol::openai {
namespace {

using generation::FinishedEvent;
using generation::FinishReason;

const ChatHead kHead{.id = "chatcmpl-1", .created = 17, .model = "m\"x", .fingerprint = "fp_1"};
const FinishedEvent kFinished{
    .reason = FinishReason::Length,
    .stop = {},
    .usage = {.prompt_tokens = 19, .completion_tokens = 3, .cached_tokens = 13},
    .timings = {}};

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

TEST(ChatAnswer, IsOneDocumentWithEveryKey) {
  EXPECT_EQ(encode_chat_answer(kHead, "Hel\nlo", kFinished),
            std::string(R"({"id":"chatcmpl-1","object":"chat.completion","created":17,)"
                        R"("model":"m\"x","choices":[{"index":0,"message":{"role":"assistant",)"
                        R"("content":"Hel\nlo","refusal":null,"annotations":[]},"logprobs":null,)"
                        R"("finish_reason":"length"}],"usage":)") +
                kUsage + R"(,"service_tier":"default","system_fingerprint":"fp_1"})");
}

TEST(ChunkWriter, StartsWithTheRole) {
  EXPECT_EQ(ChunkWriter(kHead, false).start(),
            chunk(R"({"index":0,"delta":{"role":"assistant","content":"","refusal":null},)"
                  R"("logprobs":null,"finish_reason":null})"));
}

TEST(ChunkWriter, EscapesText) {
  EXPECT_EQ(ChunkWriter(kHead, false).text("a\"\n\xE2\x82\xAC{}"),
            chunk("{\"index\":0,\"delta\":{\"content\":\"a\\\"\\n\xE2\x82\xAC{}\"},"
                  R"("logprobs":null,"finish_reason":null})"));
}

TEST(ChunkWriter, EndsWithAnEmptyDeltaAndDone) {
  EXPECT_EQ(ChunkWriter(kHead, false).finish(kFinished),
            chunk(R"({"index":0,"delta":{},"logprobs":null,"finish_reason":"length"})") +
                "data: [DONE]\n\n");
}

TEST(ChunkWriter, AddsUsageWhereItWasAskedFor) {
  const ChunkWriter writer(kHead, true);
  EXPECT_EQ(writer.text("x"),
            chunk(R"({"index":0,"delta":{"content":"x"},"logprobs":null,"finish_reason":null})",
                  ",\"usage\":null}\n\n"));
  EXPECT_EQ(writer.finish(kFinished),
            chunk(R"({"index":0,"delta":{},"logprobs":null,"finish_reason":"length"})",
                  ",\"usage\":null}\n\n") +
                kBefore + "[],\"usage\":" + kUsage + "}\n\ndata: [DONE]\n\n");
}

}  // namespace
}  // namespace shimmy::protocol::openai
