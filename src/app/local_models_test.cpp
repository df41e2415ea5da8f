#include "app/local_models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <utility>

#include "support/fake_clock.h"
#include "support/fake_engine.h"
#include "support/temp_dir.h"

namespace shimmy::app {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""s;
using base::ErrorCode;
using testing::ElementsAre;

class LocalModelsTest : public testing::Test {
 protected:
  static base::Result<models::FileFacts> read(const std::filesystem::path&) {
    return models::FileFacts{};
  }

  models::Catalog scan() {
    ++scans_;
    return models::Catalog::scan(std::vector<models::ModelDir>{{temp_.path(), "test"}}, read);
  }

  std::vector<std::string> names() {
    std::vector<std::string> result;
    for (const auto& entry : models_.list()) result.push_back(entry.name);
    return result;
  }

  const support::TempDir temp_;
  support::FakeClock clock_;
  int scans_ = 0;
  generation::ModelFacts facts_ = support::FakeEngine::default_facts();
  pool::ModelPool pool_{
      [this](const pool::LoadRequest&) -> base::Result<std::shared_ptr<generation::Engine>> {
        return std::make_shared<support::FakeEngine>(facts_);
      },
      clock_};
  const std::filesystem::path first_ = temp_.write("first.gguf", "");
  LocalModels models_{[this] { return scan(); }, pool_, clock_};
};

TEST_F(LocalModelsTest, LoadsOnDemandWithItsChatTemplate) {
  EXPECT_EQ(models_.loaded(), 0U);
  const auto served = models_.acquire("FIRST");
  ASSERT_TRUE(served) << served.error().message;
  EXPECT_EQ(served->id, "first");
  EXPECT_NE(served->chat_template, nullptr);
  EXPECT_EQ(models_.loaded(), 1U);
}

TEST_F(LocalModelsTest, ARequestSaysHowLongItsModelStays) {
  const auto keep_alive = [&] { return pool_.status(*models_.find("first")).keep_alive; };
  const models::KeepAlive long_time{1h};
  ASSERT_TRUE(models_.acquire("first", {.keep_alive = long_time}));
  EXPECT_EQ(keep_alive(), long_time);
  ASSERT_TRUE(models_.acquire("first"));
  EXPECT_EQ(keep_alive(), long_time) << "one that says nothing leaves it as it is";
  ASSERT_TRUE(models_.acquire("first", {.keep_alive = models::KeepAlive{std::nullopt}}));
  EXPECT_EQ(keep_alive(), models::KeepAlive{std::nullopt});
}

TEST_F(LocalModelsTest, ParsesTheTemplateOnce) {
  const auto one = models_.acquire("first");
  const auto two = models_.acquire("first");
  ASSERT_TRUE(one && two);
  EXPECT_EQ(one->engine, two->engine);
  EXPECT_EQ(one->chat_template, two->chat_template);
}

TEST_F(LocalModelsTest, GuessesTheTemplateOfAModelWithoutOne) {
  facts_.chat_template.clear();
  const auto served = models_.acquire("first");
  ASSERT_TRUE(served) << served.error().message;
  EXPECT_NE(served->chat_template, nullptr);
  EXPECT_FALSE(served->is_chat_model);
}

TEST_F(LocalModelsTest, TakesTheUsersTemplateInPlaceOfTheModels) {
  facts_.chat_template.clear();
  LocalModels models{[this] { return scan(); }, pool_, clock_,
                     LiveRules({.usual = {.chat_template = "[{{ messages[0].content }}]"}})};
  const auto served = models.acquire("first");
  ASSERT_TRUE(served) << served.error().message;
  EXPECT_TRUE(served->is_chat_model);
  chat::Conversation conversation;
  conversation.messages = {{.role = "user", .content = "Hi"}};
  const auto prompt = served->chat_template->prepare(conversation);
  ASSERT_TRUE(prompt) << prompt.error().message;
  EXPECT_EQ(prompt->text(), "[Hi]");
}

TEST_F(LocalModelsTest, TheOnlyModelIsTheDefault) {
  EXPECT_EQ(models_.acquire("default")->id, "first");
  temp_.write("second.gguf", "");
  clock_.advance(1s);
  EXPECT_FALSE(models_.acquire("nosuch")) << "looks at the directories again";
  const auto unclear = models_.acquire("default");
  ASSERT_FALSE(unclear);
  EXPECT_EQ(unclear.error().code, ErrorCode::ModelNotFound);
  temp_.write("default.gguf", "");
  clock_.advance(1s);
  EXPECT_EQ(models_.acquire("default")->id, "default") << "who is called so, is it";
}

TEST_F(LocalModelsTest, TheModelThatTheUserNamedIsTheDefault) {
  temp_.write("second.gguf", "");
  LocalModels models{[this] { return scan(); }, pool_, clock_};
  models.add(*models.catalog()->find("second"));
  EXPECT_EQ(models.acquire("default")->id, "second");
}

TEST_F(LocalModelsTest, RefusesATemplateThatIsNone) {
  LocalModels models{[this] { return scan(); }, pool_, clock_,
                     LiveRules({.usual = {.chat_template = "nosuchfamily"}})};
  const auto served = models.acquire("first");
  ASSERT_FALSE(served);
  EXPECT_EQ(served.error().code, ErrorCode::ModelLoadFailed);
}

TEST_F(LocalModelsTest, ReportsBrokenTemplate) {
  facts_.chat_template = "{% if %}";
  const auto served = models_.acquire("first");
  ASSERT_FALSE(served);
  EXPECT_EQ(served.error().code, ErrorCode::ModelLoadFailed);
}

TEST_F(LocalModelsTest, LooksWhenSomebodyAsks) {
  EXPECT_EQ(scans_, 0);
  EXPECT_EQ(models_.catalog()->entries().size(), 1U);
  EXPECT_EQ(names(), std::vector<std::string>{"first"});
  EXPECT_EQ(scans_, 1);
}

TEST_F(LocalModelsTest, FindsNewFilesWithoutRestart) {
  EXPECT_THAT(names(), ElementsAre("first"));
  temp_.write("second.gguf", "");
  clock_.advance(1s);
  EXPECT_TRUE(models_.acquire("second"));
  EXPECT_THAT(names(), ElementsAre("first", "second"));
}

TEST_F(LocalModelsTest, ListsNewFilesWithoutRestart) {
  EXPECT_THAT(names(), ElementsAre("first"));
  temp_.write("second.gguf", "");
  EXPECT_THAT(names(), ElementsAre("first")) << "looked a moment ago";
  clock_.advance(1s);
  EXPECT_THAT(names(), ElementsAre("first", "second"));
}

TEST_F(LocalModelsTest, LooksAgainAtMostOnceASecond) {
  EXPECT_FALSE(models_.acquire("second"));
  EXPECT_EQ(scans_, 1);
  clock_.advance(1s);
  EXPECT_FALSE(models_.acquire("second"));
  EXPECT_FALSE(models_.acquire("second"));
  EXPECT_EQ(scans_, 2);
}

TEST_F(LocalModelsTest, DoesNotLookAgainWhileNothingHasChanged) {
  std::optional<bool> changed = false;
  models_.follow([&changed] { return std::exchange(changed, false); });
  EXPECT_THAT(names(), ElementsAre("first"));
  clock_.advance(1s);
  EXPECT_THAT(names(), ElementsAre("first"));
  EXPECT_EQ(scans_, 1);
  temp_.write("second.gguf", "");
  changed = true;
  EXPECT_THAT(names(), ElementsAre("first", "second"));
  clock_.advance(1s);
  EXPECT_THAT(names(), ElementsAre("first", "second"));
  EXPECT_EQ(scans_, 2);
}

TEST_F(LocalModelsTest, KeepsAChangeInMindUntilItMayLook) {
  int asked = 0;
  models_.follow([&asked]() -> std::optional<bool> { return ++asked > 0; });
  EXPECT_THAT(names(), ElementsAre("first"));
  temp_.write("second.gguf", "");
  EXPECT_THAT(names(), ElementsAre("first"));
  EXPECT_EQ(asked, 0) << "the answer would be lost";
  clock_.advance(1s);
  EXPECT_THAT(names(), ElementsAre("first", "second"));
}

TEST_F(LocalModelsTest, LooksAgainWhereNobodyCanTellOfChanges) {
  models_.follow([] { return std::optional<bool>(); });
  EXPECT_THAT(names(), ElementsAre("first"));
  clock_.advance(1s);
  EXPECT_THAT(names(), ElementsAre("first"));
  EXPECT_EQ(scans_, 2);
}

TEST_F(LocalModelsTest, HidesDirectoriesAndPathsFromClients) {
  const auto by_path = models_.acquire(first_.string());
  ASSERT_FALSE(by_path);
  EXPECT_EQ(by_path.error().code, ErrorCode::ModelNotFound);
  std::filesystem::remove(first_);
  clock_.advance(1s);
  const auto none = models_.acquire("second");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().details, "");
  EXPECT_THAT(none.error().message, testing::Not(testing::HasSubstr(temp_.path().string())));
}

TEST_F(LocalModelsTest, OffersWhatWasAdded) {
  models::ModelEntry entry;
  entry.name = "added";
  entry.path = "/far/added.gguf";
  models_.add(entry);
  EXPECT_TRUE(models_.acquire("added"));
  EXPECT_THAT(names(), ElementsAre("added", "first"));
}

TEST_F(LocalModelsTest, PassesPoolsRefusalOn) {
  pool_.drain();
  EXPECT_EQ(models_.acquire("first").error().code, ErrorCode::Unavailable);
}

TEST_F(LocalModelsTest, KnowsModelsByTheUsersNames) {
  const LiveRules rules({.models = {{"first", {.system = "Be brief."}, {"gpt-4"}}}});
  LocalModels models{[this] { return scan(); }, pool_, clock_, rules};
  const auto served = models.acquire("GPT-4");
  ASSERT_TRUE(served) << served.error().message;
  EXPECT_EQ(served->id, "first");
  EXPECT_EQ(served->defaults->system, "Be brief.");
  EXPECT_THAT(models.find("first")->aliases, testing::Contains("gpt-4"));
  EXPECT_THAT(models.list().at(0).aliases, testing::Contains("gpt-4"));
}

TEST_F(LocalModelsTest, FollowsRulesThatChange) {
  LiveRules rules;
  LocalModels models{[this] { return scan(); }, pool_, clock_, rules};
  const auto before = models.acquire("first");
  rules.replace({.usual = {.chat_template = "chatml", .system = "x"}});
  const auto after = models.acquire("first");
  ASSERT_TRUE(before && after);
  EXPECT_EQ(before->defaults->system, "");
  EXPECT_EQ(after->defaults->system, "x");
  EXPECT_EQ(before->engine, after->engine);
  EXPECT_NE(before->chat_template, after->chat_template);
  EXPECT_FALSE(models.acquire("gpt-4"));
}

}  // namespace
}  // namespace shimmy::app
