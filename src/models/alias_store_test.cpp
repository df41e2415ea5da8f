#include "models/alias_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "support/temp_dir.h"

namespace shimmy::models {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

class AliasStoreTest : public testing::Test {
 protected:
  static ModelEntry model(std::string name) {
    ModelEntry entry;
    entry.name = std::move(name);
    return entry;
  }

  std::string error(const std::string& alias) const {
    const auto added = store_.add(alias, "phi", models_);
    return added ? "no error" : added.error().message;
  }

  const support::TempDir temp_;
  const std::filesystem::path file_ = temp_.path() / "shimmy" / "aliases.json";
  const AliasStore store_{file_};
  const std::vector<ModelEntry> models_{model("phi"), model("Qwen")};
};

TEST(AliasFile, LiesBesideTheUsersModels) {
  const auto with = [](std::string name, std::string value) {
    return alias_file([=](std::string_view asked) -> std::optional<std::string> {
      if (asked != name) return std::nullopt;
      return value;
    });
  };
  EXPECT_EQ(with("XDG_DATA_HOME", "/data"), "/data/shimmy/aliases.json");
  EXPECT_EQ(with("HOME", "/home/me"), "/home/me/.local/share/shimmy/aliases.json");
  EXPECT_EQ(with("OTHER", "x"), "");
}

TEST_F(AliasStoreTest, IsEmptyWithoutAFile) {
  EXPECT_THAT(store_.load().value(), IsEmpty());
  EXPECT_THAT(AliasStore({}).load().value(), IsEmpty());
}

TEST_F(AliasStoreTest, KeepsWhatIsAdded) {
  ASSERT_TRUE(store_.add("mine", "phi", models_));
  ASSERT_TRUE(store_.add("org/repo:q4", "Qwen", models_));
  EXPECT_THAT(AliasStore(file_).load().value(),
              ElementsAre(Pair("mine", "phi"), Pair("org/repo:q4", "Qwen")));
}

TEST_F(AliasStoreTest, ReplacesWhateverTheLetterCase) {
  ASSERT_TRUE(store_.add("Mine", "phi", models_));
  ASSERT_TRUE(store_.add("mine", "Qwen", models_));
  EXPECT_THAT(store_.load().value(), ElementsAre(Pair("mine", "Qwen")));
}

TEST_F(AliasStoreTest, RemovesWhateverTheLetterCase) {
  ASSERT_TRUE(store_.add("Mine", "phi", models_));
  EXPECT_TRUE(store_.remove("mINE"));
  EXPECT_THAT(store_.load().value(), IsEmpty());
}

TEST_F(AliasStoreTest, SaysWhichAliasWasMeant) {
  ASSERT_TRUE(store_.add("writer", "phi", models_));
  const auto removed = store_.remove("writr");
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code, base::ErrorCode::ModelNotFound);
  EXPECT_THAT(removed.error().message, HasSubstr("Did you mean writer?"));
  EXPECT_THAT(store_.remove("zzzzzz").error().message, HasSubstr("See shimmy alias."));
}

TEST_F(AliasStoreTest, NeverTakesAModelsName) {
  EXPECT_THAT(error("PHI"), HasSubstr("a model's own name"));
  EXPECT_THAT(error("qwen"), HasSubstr("a model's own name"));
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(AliasStoreTest, RefusesNamesThatNobodyCouldType) {
  for (const std::string& name :
       {std::string(), std::string("-x"), std::string("a b"), std::string("a\nb"),
        std::string(".hidden"), std::string("/etc"), std::string("a\x1b[2J"), std::string("é"),
        std::string(129, 'x'), std::string("a\0b", 3)}) {
    EXPECT_THAT(error(name), HasSubstr("cannot be an alias")) << name;
  }
  EXPECT_EQ(error(std::string(128, 'x')), "no error");
}

TEST_F(AliasStoreTest, RefusesAFileThatHoldsSomethingElse) {
  for (const char* text : {"", "[]", "{\"a\":1}", "{\"a b\":\"c\"}", "{\"a\":\"b\"", "\xff",
                           "{\"a\":{\"a\":\"b\"}}"}) {
    temp_.write("shimmy/aliases.json", text);
    const auto loaded = store_.load();
    ASSERT_FALSE(loaded) << text;
    EXPECT_EQ(loaded.error().code, base::ErrorCode::Io);
    EXPECT_THAT(loaded.error().message, HasSubstr("aliases.json does not hold aliases"));
    EXPECT_FALSE(store_.add("mine", "phi", models_)) << "what is there is never overwritten";
  }
}

TEST_F(AliasStoreTest, RefusesAHugeFile) {
  temp_.write("shimmy/aliases.json", "{\"a\":\"" + std::string(2 << 20, 'x') + "\"}");
  EXPECT_FALSE(store_.load());
}

TEST_F(AliasStoreTest, SaysWhereNothingCanBeWritten) {
  temp_.write("shimmy", "a file in the place of the directory");
  EXPECT_THAT(error("mine"), HasSubstr("cannot be made"));
  EXPECT_THAT(AliasStore({}).add("mine", "phi", models_).error().message, HasSubstr("set HOME"));
}

TEST_F(AliasStoreTest, LeavesNothingBesideTheFile) {
  ASSERT_TRUE(store_.add("mine", "phi", models_));
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry :
       std::filesystem::directory_iterator(file_.parent_path())) {
    ++files;
  }
  EXPECT_EQ(files, 1U);
}

TEST_F(AliasStoreTest, LosesNothingOfWritersThatComeTogether) {
  constexpr int writers = 4;
  constexpr int each = 5;
  {
    std::vector<std::jthread> threads;
    for (int writer = 0; writer < writers; ++writer) {
      threads.emplace_back([&, writer] {
        const AliasStore store(file_);
        for (int i = 0; i < each; ++i) {
          EXPECT_TRUE(store.add("a" + std::to_string(writer * each + i), "phi", models_));
        }
      });
    }
  }
  EXPECT_EQ(store_.load().value().size(), static_cast<std::size_t>(writers * each));
}

}  // namespace
}  // namespace shimmy::models
