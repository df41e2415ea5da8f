#include "protocol/openai/logprobs.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace shimmy::protocol::openai {
namespace {

using generation::GeneratedToken;

const std::vector<GeneratedToken> kTokens{
    {5, "Hi", -0.25F, {{5, "Hi", -0.25F}, {6, "Ho", -2}}},
    {7, "\xE2\x82", -1, {{8, "x", -std::numeric_limits<float>::infinity()}}}};

TEST(ChatLogprobs, ChatR8_ShowExactBytesAndAFloor) {
  EXPECT_EQ(encode_chat_logprobs(kTokens),
            R"({"content":[{"token":"Hi","logprob":-0.25,"bytes":[72,105],"top_logprobs":[)"
            R"({"token":"Hi","logprob":-0.25,"bytes":[72,105]},)"
            R"({"token":"Ho","logprob":-2,"bytes":[72,111]}]},)"
            "{\"token\":\"\xEF\xBF\xBD\",\"logprob\":-1,\"bytes\":[226,130],\"top_logprobs\":["
            R"({"token":"x","logprob":-9999,"bytes":[120]}]}],"refusal":null})");
  EXPECT_EQ(encode_chat_logprobs({}), R"({"content":[],"refusal":null})");
}

TEST(TextLogprobs, CountOffsetsOverPieces) {
  TextLogprobs logprobs(4);
  const std::vector<GeneratedToken> first{{1, "\xC3\xA9t", -1, {}}};
  const std::vector<GeneratedToken> second{{2, "\xC3\xA9", -2, {{2, "\xC3\xA9", -2}}}};
  EXPECT_EQ(logprobs.encode(first),
            "{\"tokens\":[\"\xC3\xA9t\"],\"token_logprobs\":[-1],\"top_logprobs\":[{}],"
            "\"text_offset\":[4]}");
  EXPECT_EQ(logprobs.encode(second),
            "{\"tokens\":[\"\xC3\xA9\"],\"token_logprobs\":[-2],"
            "\"top_logprobs\":[{\"\xC3\xA9\":-2}],\"text_offset\":[6]}");
}

TEST(TextLogprobs, Comp3_KnowNothingOfTheFirstTokenOfAPrompt) {
  const std::vector<GeneratedToken> tokens{{1, "a", 0, {}}, {2, "b", -1, {}}};
  EXPECT_EQ(TextLogprobs().encode(tokens, true),
            R"({"tokens":["a","b"],"token_logprobs":[null,-1],"top_logprobs":[null,{}],)"
            R"("text_offset":[0,1]})");
}

TEST(TextLogprobs, NameTokensThatLookAlikeOnce) {
  const std::vector<GeneratedToken> tokens{{1, "a", -1, {{1, "a", -1}, {9, "a", -3}}}};
  EXPECT_EQ(
      TextLogprobs().encode(tokens),
      R"({"tokens":["a"],"token_logprobs":[-1],"top_logprobs":[{"a":-1}],"text_offset":[0]})");
}

}  // namespace
}  // namespace shimmy::protocol::openai
