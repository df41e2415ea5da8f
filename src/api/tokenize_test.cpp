#include "api/tokenize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/handler_fixture.h"

namespace shimmy::api {
namespace {

using testing::HasSubstr;

class TokenizeTest : public HandlerTest {
 protected:
  TokenizeTest() : HandlerTest("/tokenize", tokenize) {}
};

class DetokenizeTest : public HandlerTest {
 protected:
  DetokenizeTest() : HandlerTest("/detokenize", detokenize) {}
};

class ApplyTemplateTest : public HandlerTest {
 protected:
  ApplyTemplateTest() : HandlerTest("/apply-template", apply_template) {}
};

TEST_F(TokenizeTest, NeedsNoModelWhereThereIsOne) {
  EXPECT_EQ(reply(R"({"content":"ab"})"), (std::pair{200, std::string(R"({"tokens":[97,98]})")}));
  models_.add("other");
  EXPECT_THAT(refusal(R"({"content":"ab"})"), HasSubstr("There are 2 models"));
  EXPECT_EQ(reply(R"({"content":"ab","model":"smol"})").first, 200);
}

TEST_F(TokenizeTest, ShowsPieces) {
  EXPECT_EQ(reply(R"({"content":"a","with_pieces":true})").second,
            R"({"tokens":[{"id":97,"piece":"a"}]})");
}

TEST_F(TokenizeTest, TokenizesAConversationAsChatWould) {
  const std::string body =
      reply(R"({"model":"smol","messages":[{"role":"user","content":"x"}]})").second;
  EXPECT_THAT(body, HasSubstr(R"("count":9,"max_model_len":4096)"));
}

TEST_F(TokenizeTest, AnswersUnknownModelsWith404) {
  EXPECT_EQ(reply(R"({"content":"a","model":"nosuch"})").first, 404);
}

TEST_F(DetokenizeTest, JoinsTheTexts) {
  EXPECT_EQ(reply(R"({"tokens":[97,98]})").second, R"({"content":"ab","prompt":"ab"})");
  EXPECT_EQ(reply(R"({"tokens":[]})").second, R"({"content":"","prompt":""})");
  EXPECT_THAT(refusal(R"({"tokens":[99999]})"), HasSubstr("no token 99999"));
}

TEST_F(ApplyTemplateTest, ShowsThePromptText) {
  EXPECT_EQ(reply(R"({"messages":[{"role":"user","content":"x"}]})").second,
            R"({"prompt":"user: x\n"})");
  models_.add("base", /*has_template=*/false);
  EXPECT_THAT(refusal(R"({"model":"base","messages":[{"role":"user","content":"x"}]})"),
              HasSubstr("has no chat template"));
}

}  // namespace
}  // namespace shimmy::api
