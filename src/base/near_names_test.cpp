#include "base/near_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shimmy::base {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<std::string> kModels{"SmolLM2-135M-Instruct", "llama-3.2-1b-instruct",
                                       "qwen2.5-0.5b", "phi-4"};

TEST(NearNames, FindsATypingError) {
  EXPECT_THAT(near_names("quen2.5-0.5b", kModels), ElementsAre("qwen2.5-0.5b"));
  EXPECT_THAT(near_names("phi4", kModels), ElementsAre("phi-4"));
}

TEST(NearNames, TakesSwappedLettersForOneMistake) {
  const std::vector<std::string> names{"list", "serve"};
  EXPECT_EQ(near_names("lsit", names), std::vector<std::string>{"list"});
  EXPECT_EQ(near_names("sevre", names), std::vector<std::string>{"serve"});
}

TEST(NearNames, IgnoresLetterCase) {
  EXPECT_THAT(near_names("smollm2-135m-instruct", kModels), ElementsAre("SmolLM2-135M-Instruct"));
}

TEST(NearNames, FindsNamesThatContainWhatWasTyped) {
  EXPECT_THAT(near_names("135m", kModels), ElementsAre("SmolLM2-135M-Instruct"));
  EXPECT_THAT(near_names("instruct", kModels),
              ElementsAre("SmolLM2-135M-Instruct", "llama-3.2-1b-instruct"));
}

TEST(NearNames, IsEmptyWhenNothingIsNear) {
  EXPECT_THAT(near_names("mistral-nemo", kModels), IsEmpty());
  EXPECT_THAT(near_names("", kModels), IsEmpty());
  EXPECT_THAT(near_names("phi", {}), IsEmpty());
}

TEST(NearNames, DoesNotGuessFromOneOrTwoLetters) {
  const std::vector<std::string> names{"a", "b", "-v", "ls", "list"};
  EXPECT_THAT(near_names("q", names), IsEmpty());
  EXPECT_THAT(near_names("-x", names), IsEmpty());
  EXPECT_THAT(near_names("LS", names), ElementsAre("ls"));
}

TEST(NearNames, AllowsAThirdOfTheLettersToDiffer) {
  const std::vector<std::string> names{"serve"};
  EXPECT_THAT(near_names("srve", names), ElementsAre("serve"));
  EXPECT_THAT(near_names("sarvo", names), IsEmpty());
  EXPECT_THAT(near_names("server", names), ElementsAre("serve"));
}

TEST(NearNames, PutsTheNearestFirst) {
  const std::vector<std::string> names{"generous", "generated", "generate"};
  EXPECT_THAT(near_names("generat", names), ElementsAre("generate", "generated"));
  EXPECT_THAT(near_names("generate", names), ElementsAre("generate", "generated"));
  EXPECT_THAT(near_names("genarate", names), ElementsAre("generate", "generated"));
}

TEST(NearNames, GivesNoMoreThanAsked) {
  const std::vector<std::string> names{"aaa1", "aaa2", "aaa3", "aaa4"};
  EXPECT_THAT(near_names("aaa", names), ElementsAre("aaa1", "aaa2", "aaa3"));
  EXPECT_THAT(near_names("aaa", names, 1), ElementsAre("aaa1"));
  EXPECT_THAT(near_names("aaa", names, 0), IsEmpty());
}

TEST(NearNames, SpendsNoTimeOnHugeInput) {
  const std::vector<std::string> names{std::string(1U << 20, 'a'), "abc"};
  EXPECT_THAT(near_names(std::string(1U << 20, 'a'), names), IsEmpty());
  EXPECT_THAT(near_names("abd", names), ElementsAre("abc"));
}

TEST(NearNames, TakesAnyBytes) {
  const std::vector<std::string> names{"\xFF\xFE\xFDx", "größe"};
  EXPECT_THAT(near_names("\xFF\xFE\xFDy", names), ElementsAre("\xFF\xFE\xFDx"));
  EXPECT_THAT(near_names("grösse", names), ElementsAre("größe"));
}

}  // namespace
}  // namespace shimmy::base
