#include "protocol/native/generate_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shimmy::protocol::native {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const generation::FinishedEvent kFinished{
    .reason = generation::FinishReason::Length,
    .stop = {},
    .usage = {.prompt_tokens = 10, .completion_tokens = 20, .cached_tokens = 0},
    .timings = {}};
const base::Error kError{base::ErrorCode::GenerationFailed, "It broke.", {}, {}};

TEST(GenerateAnswer, Nat1_BeginsWithTheDocumentedShape) {
  EXPECT_THAT(encode_generate_answer("m", "Hi\n", kFinished),
              StartsWith(R"({"choices":[{"text":"Hi\n","index":0,"finish_reason":"length"}],)"
                         R"("usage":{"prompt_tokens":10,"completion_tokens":20,)"
                         R"("total_tokens":30})"));
}

TEST(GenerateAnswer, Nat1_StreamsTheDocumentedChunks) {
  EXPECT_EQ(encode_generate_chunk("Hello"),
            "data: {\"choices\":[{\"text\":\"Hello\",\"index\":0}]}\n\n");
  EXPECT_EQ(encode_generate_end(kFinished),
            "data: {\"choices\":[{\"text\":\"\",\"index\":0,\"finish_reason\":\"length\"}],"
            "\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":20,\"total_tokens\":30}}\n\n"
            "data: [DONE]\n\n");
}

TEST(GenerateAnswer, EndsABrokenStreamWithTheEnvelope) {
  EXPECT_THAT(encode_generate_error(kError), StartsWith("data: {\"error\":{"));
  EXPECT_THAT(encode_generate_error(kError), HasSubstr(R"("code":"generation_failed")"));
  EXPECT_THAT(encode_generate_error(kError), testing::EndsWith("\n\n"));
}

TEST(GenerateFrames, Nat4_AreTheDocumentedOnes) {
  EXPECT_EQ(encode_token_frame(" world"), R"({"token":" world"})");
  EXPECT_THAT(encode_done_frame(kFinished), StartsWith(R"({"done":true)"));
  EXPECT_THAT(encode_error_frame(kError), StartsWith(R"({"error":{"message":"It broke.")"));
}

}  // namespace
}  // namespace shimmy::protocol::native
