#include "protocol/openai/completion_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shimmy::protocol::openai {
namespace {

using generation::FinishReason;
using generation::GeneratedToken;
using testing::HasSubstr;
using testing::StartsWith;

const CompletionHead kHead{.id = "cmpl-1", .created = 17, .model = "m", .fingerprint = "fp_1"};
const Usage kCounts{.prompt_tokens = 2, .completion_tokens = 3, .timings = {}};

TEST(CompletionAnswer, HasEveryKey) {
  const std::vector<CompletionChoice> choices{{.text = "a\n", .reason = FinishReason::Length},
                                              {.text = "b"}};
  EXPECT_THAT(encode_completion_answer(kHead, choices, kCounts),
              StartsWith(R"({"id":"cmpl-1","object":"text_completion","created":17,"model":"m",)"
                         R"("system_fingerprint":"fp_1","choices":[)"
                         R"({"text":"a\n","index":0,"logprobs":null,"finish_reason":"length"},)"
                         R"({"text":"b","index":1,"logprobs":null,"finish_reason":"stop"}],)"
                         R"("usage":{"prompt_tokens":2,"completion_tokens":3,"total_tokens":5)"));
}

TEST(CompletionAnswer, ShowsLogprobsWhereAskedFor) {
  CompletionHead head = kHead;
  head.has_logprobs = true;
  const std::vector<CompletionChoice> choices{{.text = "a", .tokens = {{7, "a", -0.5F, {}}}}};
  EXPECT_THAT(encode_completion_answer(head, choices, kCounts),
              HasSubstr(R"("logprobs":{"tokens":["a"],"token_logprobs":[-0.5],)"));
}

TEST(CompletionChunkWriter, WritesPiecesAndTheEnd) {
  CompletionChunkWriter writer(kHead, 2);
  EXPECT_EQ(
      writer.piece(1, "x", {}),
      "data: {\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"created\":17,\"model\":\"m\","
      "\"system_fingerprint\":\"fp_1\",\"choices\":[{\"text\":\"x\",\"index\":1,"
      "\"logprobs\":null,\"finish_reason\":null}]}\n\n");
  EXPECT_THAT(writer.finish(1, FinishReason::Stop),
              HasSubstr(R"({"text":"","index":1,"logprobs":null,"finish_reason":"stop"})"));
  EXPECT_EQ(writer.end(kCounts), "data: [DONE]\n\n");
}

TEST(CompletionChunkWriter, Comp6_AddsUsageWhereAskedFor) {
  CompletionHead head = kHead;
  head.include_usage = true;
  CompletionChunkWriter writer(head, 1);
  EXPECT_THAT(writer.piece(0, "x", {}), HasSubstr(R"("usage":null})"));
  EXPECT_THAT(writer.end(kCounts), HasSubstr(R"("choices":[],"usage":{"prompt_tokens":2)"));
  EXPECT_THAT(writer.end(kCounts), testing::EndsWith("data: [DONE]\n\n"));
}

TEST(CompletionChunkWriter, CountsOffsetsOfEachChoiceApart) {
  CompletionHead head = kHead;
  head.has_logprobs = true;
  CompletionChunkWriter writer(head, 2);
  const std::vector<GeneratedToken> tokens{{7, "ab", -0.5F, {}}};
  writer.piece(0, "ab", tokens);
  EXPECT_THAT(writer.piece(0, "ab", tokens), HasSubstr(R"("text_offset":[2])"));
  EXPECT_THAT(writer.piece(1, "ab", tokens), HasSubstr(R"("text_offset":[0])"));
}

}  // namespace
}  // namespace shimmy::protocol::openai
