#include "models/stores/ollama_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shimmy::models::stores {
namespace {

using testing::ElementsAre;

OllamaName named(const char* manifest) { return ollama_name(manifest).value_or(OllamaName{}); }

TEST(OllamaName, OfTheLibraryIsShort) {
  const OllamaName name = named("registry.ollama.ai/library/qwen3/14b");
  EXPECT_EQ(name.name, "qwen3:14b");
  EXPECT_THAT(name.aliases,
              ElementsAre("registry.ollama.ai/library/qwen3:14b", "library/qwen3:14b"));
}

TEST(OllamaName, NeedsNoLatest) {
  const OllamaName name = named("registry.ollama.ai/library/qwen3/latest");
  EXPECT_EQ(name.name, "qwen3:latest");
  EXPECT_EQ(name.aliases.back(), "qwen3");
}

TEST(OllamaName, HasTheUsersNamespace) {
  const OllamaName name = named("registry.ollama.ai/me/mine/v1");
  EXPECT_EQ(name.name, "me/mine:v1");
  EXPECT_THAT(name.aliases, ElementsAre("registry.ollama.ai/me/mine:v1"));
}

TEST(OllamaName, HasTheHostOfOtherRegistries) {
  const OllamaName name = named("hf.co/org/repo/Q4_K_M");
  EXPECT_EQ(name.name, "hf.co/org/repo:Q4_K_M");
  EXPECT_THAT(name.aliases, ElementsAre("org/repo:Q4_K_M"));
}

TEST(OllamaName, IsEmptyAtOtherDepths) {
  for (const char* manifest : {"", "qwen3/14b", "a/b/c/d/e"}) {
    EXPECT_FALSE(ollama_name(manifest)) << manifest;
  }
}

}  // namespace
}  // namespace shimmy::models::stores
