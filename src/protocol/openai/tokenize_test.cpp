#include "protocol/openai/tokenize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shimmy::protocol::openai {
namespace {

using testing::ElementsAre;

const std::vector<TokenPiece> kPieces{{1, "a"}, {2, "\xC3"}};

TEST(Tokenize, ReadsLlamaCppsForm) {
  const auto request = decode_tokenize_request(R"({"content":"x","with_pieces":true})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->text, "x");
  EXPECT_FALSE(request->adds_special);
  EXPECT_TRUE(request->parses_special);
  EXPECT_EQ(encode_tokens(*request, kPieces, 9),
            R"({"tokens":[{"id":1,"piece":"a"},{"id":2,"piece":[195]}]})");
  EXPECT_EQ(encode_tokens({}, kPieces, 9), R"({"tokens":[1,2]})");
}

TEST(Tokenize, ReadsVllmsForm) {
  const auto request =
      decode_tokenize_request(R"({"model":"m","prompt":"x","return_token_strs":true})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->model, "m");
  EXPECT_TRUE(request->adds_special);
  EXPECT_EQ(encode_tokens(*request, kPieces, 9),
            "{\"tokens\":[1,2],\"count\":2,\"max_model_len\":9,"
            "\"token_strs\":[\"a\",\"\xEF\xBF\xBD\"]}");
}

TEST(Tokenize, ReadsAConversation) {
  const auto request = decode_tokenize_request(R"({"messages":[{"role":"user","content":"hi"}]})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->conversation.messages.at(0).content, "hi");
}

TEST(Tokenize, NeedsAText) {
  EXPECT_EQ(decode_tokenize_request("{}").error().param, "content");
  EXPECT_EQ(decode_tokenize_request(R"({"content":7})").error().reason, "invalid_type");
  EXPECT_EQ(decode_tokenize_request(R"({"prompt":["a"]})").error().param, "prompt");
}

TEST(Detokenize, ReadsTokens) {
  EXPECT_THAT(decode_detokenize_request(R"({"tokens":[3,4]})")->tokens, ElementsAre(3, 4));
  EXPECT_THAT(decode_detokenize_request(R"({"tokens":[]})")->tokens, ElementsAre());
  EXPECT_EQ(encode_detokenized("a\n"), R"({"content":"a\n","prompt":"a\n"})");
}

TEST(Detokenize, RefusesWhatAreNoTokens) {
  for (const char* body : {"{}", R"({"tokens":"a"})", R"({"tokens":["a"]})",
                           R"({"tokens":[1,null]})", R"({"tokens":[-1]})"}) {
    const auto request = decode_detokenize_request(body);
    ASSERT_FALSE(request) << body;
    EXPECT_THAT(request.error().param, testing::StartsWith("tokens")) << body;
  }
}

TEST(ApplyTemplate, ReadsWhatAChatRequestSays) {
  const auto request = decode_template_request(
      R"({"messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function",)"
      R"("function":{"name":"f"}}],"chat_template_kwargs":{"a":1}})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->conversation.tools.size(), 1U);
  EXPECT_EQ(request->conversation.template_arguments.size(), 1U);
  EXPECT_EQ(encode_prompt("<a>"), R"({"prompt":"<a>"})");
  EXPECT_EQ(decode_template_request("{}").error().param, "messages");
}

}  // namespace
}  // namespace shimmy::protocol::openai
