#include "models/stores/ollama_parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace shimmy::models::stores {
namespace {

using testing::ElementsAre;

ModelDefaults defaults(std::string_view parameters) {
  return ollama_defaults(boost::json::parse(parameters));
}

TEST(OllamaParameters, AreTakenAllOver) {
  const ModelDefaults found = defaults(R"({
    "temperature": 1, "top_p": 0.9, "min_p": 0.05, "typical_p": 0.7, "top_k": 40,
    "repeat_penalty": 1.1, "repeat_last_n": 64, "frequency_penalty": 0.1,
    "presence_penalty": -0.5, "num_predict": 100, "seed": 42, "stop": ["a", "b"],
    "num_ctx": 8192, "num_gpu": 33})");
  EXPECT_EQ(found.temperature, 1.0F);
  EXPECT_EQ(found.top_p, 0.9F);
  EXPECT_EQ(found.min_p, 0.05F);
  EXPECT_EQ(found.typical_p, 0.7F);
  EXPECT_EQ(found.top_k, 40);
  EXPECT_EQ(found.repeat_penalty, 1.1F);
  EXPECT_EQ(found.penalty_last_n, 64);
  EXPECT_EQ(found.frequency_penalty, 0.1F);
  EXPECT_EQ(found.presence_penalty, -0.5F);
  EXPECT_EQ(found.max_tokens, 100);
  EXPECT_EQ(found.seed, 42U);
  EXPECT_THAT(found.stop, ElementsAre("a", "b"));
  EXPECT_EQ(found.load.context_tokens, 8192U);
  EXPECT_EQ(found.load.gpu_layers, 33);
}

TEST(OllamaParameters, MayBeAbsent) {
  EXPECT_EQ(defaults("{}"), ModelDefaults{});
  EXPECT_EQ(defaults("[]"), ModelDefaults{});
  EXPECT_EQ(defaults("null"), ModelDefaults{});
}

TEST(OllamaParameters, OfTheWrongKindOrOutOfRangeAreLeftOut) {
  EXPECT_EQ(defaults(R"({
    "temperature": "hot", "top_p": 2, "top_k": -1, "num_ctx": 0, "num_predict": -1,
    "seed": -5, "stop": 7, "repeat_last_n": 99999999999, "min_p": null, "num_gpu": 1.5,
    "num_thread": 8, "use_mmap": true})"),
            ModelDefaults{});
}

TEST(OllamaParameters, TakeOneStopText) {
  EXPECT_THAT(defaults(R"({"stop": "x"})").stop, ElementsAre("x"));
  EXPECT_THAT(defaults(R"({"stop": ["", 7, "y"]})").stop, ElementsAre("y"));
}

TEST(FamilyOfGoTemplate, IsToldByItsMarkers) {
  EXPECT_EQ(family_of_go_template("<|im_start|>user\n{{ .Prompt }}<|im_end|>"), "chatml");
  EXPECT_EQ(family_of_go_template("<|start_header_id|>user<|end_header_id|>"), "llama3");
  EXPECT_EQ(family_of_go_template("<start_of_turn>user"), "gemma");
  EXPECT_EQ(family_of_go_template("[INST] <<SYS>>{{ .System }}<</SYS>>"), "llama2");
  EXPECT_EQ(family_of_go_template("[INST] {{ .Prompt }} [/INST]"), "mistral");
  EXPECT_EQ(family_of_go_template("<|user|>\n{{ .Prompt }}<|end|>"), "phi3");
  EXPECT_EQ(family_of_go_template("<|user|>\n{{ .Prompt }}</s>"), "zephyr");
  EXPECT_EQ(family_of_go_template("{{ .Prompt }}"), "");
}

}  // namespace
}  // namespace shimmy::models::stores
