#include "protocol/native/models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shimmy::protocol::native {
namespace {

using testing::HasSubstr;

TEST(NativeModels, AreAnEmptyListWithoutModels) {
  EXPECT_EQ(encode_models({}), R"({"models":[]})");
}

TEST(NativeModels, HaveTheDocumentedKeysFirst) {
  const ModelCard card{.id = "smol",
                       .title = "SmolLM2",
                       .created = 1,
                       .source = "./models",
                       .architecture = "llama",
                       .quantization = "Q4_1",
                       .parameters = 134'500'000,
                       .size_bytes = 98,
                       .context_tokens = 8192};
  EXPECT_EQ(encode_models(std::vector{card}),
            R"({"models":[{"id":"smol","name":"SmolLM2",)"
            R"("description":"llama model, 134.5M parameters, Q4_1","size_bytes":98,)"
            R"("model_type":"llama","parameter_count":"134.5M","quantization":"Q4_1",)"
            R"("context_length":8192,"source":"./models"}]})");
}

TEST(NativeModels, SayNothingOfWhatIsUnknown) {
  const std::string list = encode_models(std::vector{ModelCard{.id = "x"}});
  EXPECT_THAT(list, HasSubstr(R"("name":"x","description":"GGUF model")"));
  EXPECT_THAT(list, HasSubstr(R"("parameter_count":null)"));
}

TEST(NativeModels, CarryTheStatusOfEach) {
  const std::vector cards{ModelCard{.id = "x"}, ModelCard{.id = "y"}};
  const std::vector<std::string> statuses{R"({"state":"ready"})", R"({"state":"failed"})"};
  const std::string list = encode_models(cards, statuses);
  EXPECT_THAT(list, HasSubstr(R"("source":null,"status":{"state":"ready"}},{"id":"y")"));
  EXPECT_TRUE(list.ends_with(R"("status":{"state":"failed"}}]})")) << list;
}

TEST(NativeModels, AreDiscovered) {
  EXPECT_EQ(encode_discovery({}),
            R"({"discovered":0,"models":[],"added":[],"removed":[],"broken":[]})");
  const std::string found = encode_discovery({.models = {{.id = "x"}},
                                              .added = {"x", "\"y\""},
                                              .removed = {"z"},
                                              .broken = {{"b", "ollama", "No."}}});
  EXPECT_THAT(found, HasSubstr(R"("added":["x","\"y\""],"removed":["z"])"));
  EXPECT_THAT(found, HasSubstr(R"("broken":[{"name":"b","source":"ollama","reason":"No."}])"));
}

TEST(NativeModels, CountInShortWords) {
  const auto list = [](std::uint64_t parameters) {
    return encode_models(std::vector{ModelCard{.id = "x", .parameters = parameters}});
  };
  EXPECT_THAT(list(7'240'000'000), HasSubstr(R"("parameter_count":"7.2B")"));
  EXPECT_THAT(list(12'000), HasSubstr(R"("parameter_count":"12.0K")"));
}

}  // namespace
}  // namespace shimmy::protocol::native
