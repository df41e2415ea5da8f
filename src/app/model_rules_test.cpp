#include "app/model_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shimmy::app {
namespace {

using models::ModelDefaults;
using testing::ElementsAre;

models::ModelEntry entry(std::string name = "smol") {
  models::ModelEntry result;
  result.name = std::move(name);
  result.aliases = {"org/smol:q4"};
  return result;
}

TEST(ModelRules, GiveTheMostParticularTheLastWord) {
  ModelRules rules;
  rules.usual.temperature = 0.1F;
  rules.usual.top_p = 0.1F;
  rules.usual.top_k = 1;
  rules.usual.min_p = 0.1F;
  rules.models = {{"smol", {.top_k = 3}, {}}};
  rules.models[0].defaults.min_p = 0.3F;
  rules.forced.min_p = 0.4F;
  models::ModelEntry model = entry();
  model.defaults.top_p = 0.2F;
  model.defaults.top_k = 2;
  const ModelDefaults result = rules.defaults_for(model);
  EXPECT_EQ(result.temperature, 0.1F);
  EXPECT_EQ(result.top_p, 0.2F);
  EXPECT_EQ(result.top_k, 3);
  EXPECT_EQ(result.min_p, 0.4F);
  EXPECT_EQ(result.seed, std::nullopt);
}

TEST(ModelRules, AreForAModelByAnyOfItsNames) {
  for (const char* name : {"smol", "SMOL", "org/Smol:Q4"}) {
    ModelRules rules;
    rules.models = {{name, {.system = "x"}, {}}};
    EXPECT_EQ(rules.defaults_for(entry()).system, "x") << name;
    EXPECT_EQ(rules.defaults_for(entry("other2")).system, name[0] == 'o' ? "x" : "") << name;
  }
}

TEST(ModelRules, OverlayEveryFieldThatIsGiven) {
  ModelDefaults full{.chat_template = "t", .system = "s"};
  full.temperature = full.top_p = full.min_p = full.typical_p = 0.5F;
  full.repeat_penalty = full.frequency_penalty = full.presence_penalty = 1.5F;
  full.top_k = full.penalty_last_n = full.max_tokens = 7;
  full.seed = 9;
  full.stop = {"a"};
  full.load = {.context_tokens = 1,
               .parallel = 2,
               .key_type = generation::CacheType::Q80,
               .value_type = generation::CacheType::Q40,
               .gpu_layers = 3,
               .pinned = true,
               .keep_alive = models::KeepAlive{std::nullopt}};
  ModelDefaults base;
  overlay(base, full);
  EXPECT_EQ(base.chat_template, "t");
  EXPECT_EQ(base.system, "s");
  EXPECT_EQ(base.temperature, 0.5F);
  EXPECT_EQ(base.top_p, 0.5F);
  EXPECT_EQ(base.min_p, 0.5F);
  EXPECT_EQ(base.typical_p, 0.5F);
  EXPECT_EQ(base.repeat_penalty, 1.5F);
  EXPECT_EQ(base.frequency_penalty, 1.5F);
  EXPECT_EQ(base.presence_penalty, 1.5F);
  EXPECT_EQ(base.top_k, 7);
  EXPECT_EQ(base.penalty_last_n, 7);
  EXPECT_EQ(base.max_tokens, 7);
  EXPECT_EQ(base.seed, 9U);
  EXPECT_THAT(base.stop, ElementsAre("a"));
  EXPECT_EQ(base.load, full.load);
  overlay(base, {});
  EXPECT_EQ(base.load, full.load);
  EXPECT_EQ(base.system, "s");
}

TEST(ModelRules, KnowTheUsersNames) {
  ModelRules rules;
  rules.models = {{"smol", {}, {"gpt-4"}}, {"big", {}, {"gpt-5", "best"}}};
  EXPECT_EQ(rules.model_of("GPT-4"), "smol");
  EXPECT_EQ(rules.model_of("best"), "big");
  EXPECT_EQ(rules.model_of("smol"), "smol");
  EXPECT_EQ(rules.model_of(""), "");
  models::ModelEntry model = entry();
  rules.apply_to(model);
  EXPECT_THAT(model.aliases, ElementsAre("gpt-4", "org/smol:q4"));
}

TEST(LiveRules, AreSharedByCopiesAndKeepWhatIsInUse) {
  LiveRules rules;
  LiveRules copy = rules;
  const auto before = rules.current();
  copy.replace({.usual = {.system = "new"}});
  EXPECT_EQ(rules.current()->usual.system, "new");
  EXPECT_EQ(before->usual.system, "");
}

}  // namespace
}  // namespace shimmy::app
