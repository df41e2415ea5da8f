#include "protocol/openai/models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shimmy::protocol::openai {
namespace {

using testing::HasSubstr;

const ModelCard kCard{.id = "org/name:q4",
                      .title = "A \"Name\"",
                      .created = 1'795'235'379,
                      .architecture = "llama",
                      .quantization = "Q4_1",
                      .parameters = 5,
                      .size_bytes = 98,
                      .context_tokens = 8192};

TEST(OpenAiModels, DescribeOneModel) {
  EXPECT_EQ(encode_model(kCard),
            R"({"id":"org/name:q4","object":"model","created":1795235379,"owned_by":"shimmy",)"
            R"("type":"model","display_name":"A \"Name\"","created_at":"2026-11-21T04:29:39Z",)"
            R"("context_length":8192,"max_model_len":8192,"meta":{"architecture":"llama",)"
            R"("quantization":"Q4_1","parameters":5,"size_bytes":98}})");
}

TEST(OpenAiModels, ListThemWithThePagersKeys) {
  const std::string list = encode_models(std::vector{ModelCard{.id = "a"}, ModelCard{.id = "b"}});
  EXPECT_THAT(list, testing::StartsWith(R"({"object":"list","data":[{"id":"a")"));
  EXPECT_THAT(list, testing::EndsWith(R"("has_more":false,"first_id":"a","last_id":"b"})"));
}

TEST(OpenAiModels, AreAnEmptyListWithoutModels) {
  EXPECT_EQ(encode_models({}),
            R"({"object":"list","data":[],"has_more":false,"first_id":null,"last_id":null})");
}

TEST(OpenAiModels, AreNamedByIdWithoutATitle) {
  EXPECT_THAT(encode_model({.id = "x"}), HasSubstr(R"("display_name":"x")"));
}

}  // namespace
}  // namespace shimmy::protocol::openai
