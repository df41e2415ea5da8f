#include "models/fact_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>

#include "support/temp_dir.h"

namespace shimmy::models {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using testing::IsEmpty;

FileFacts full_facts() {
  FileFacts facts;
  facts.kind = FileKind::Adapter;
  facts.kind_word = "an adapter";
  facts.architecture = "llama";
  facts.title = std::string("T\0itle", 6);
  facts.base_name = "base";
  facts.shard_index = 2;
  facts.shard_count = 5;
  facts.parameters = 1'234'567'890'123;
  facts.quantization = "Q4_1";
  facts.context_tokens = 8192;
  facts.embedding_size = 4096;
  facts.has_chat_template = true;
  facts.capabilities = {true, false, true, false, true, false, true};
  return facts;
}

class FactCacheTest : public testing::Test {
 protected:
  // Through a new cache on the same file, as another run of the program.
  base::Result<FileFacts> look_up(const fs::path& file) {
    FactCache cache(saved_);
    auto facts = cache.reader(read_)(file);
    EXPECT_TRUE(cache.save());
    return facts;
  }

  std::string saved_bytes() const {
    std::ifstream stream(saved_, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  const support::TempDir temp_;
  const fs::path saved_ = temp_.path() / "deep/cache/headers";
  int reads_ = 0;
  FactsReader read_ = [this](const fs::path& file) -> base::Result<FileFacts> {
    ++reads_;
    if (file.filename() == "broken") return base::fail(ErrorCode::ModelLoadFailed, "Broken.");
    return full_facts();
  };
};

TEST_F(FactCacheTest, ReadsEachFileOnceAndTellsAllOfIt) {
  const fs::path file = temp_.write("a", "x");
  EXPECT_TRUE(look_up(file));
  const auto again = look_up(file);
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, full_facts());
  EXPECT_EQ(reads_, 1);
}

TEST_F(FactCacheTest, ReadsChangedFilesAgain) {
  const fs::path file = temp_.write("a", "x");
  EXPECT_TRUE(look_up(file));
  temp_.write("a", "xy");
  EXPECT_TRUE(look_up(file));
  EXPECT_EQ(reads_, 2);
  fs::last_write_time(file, fs::last_write_time(file) + std::chrono::nanoseconds(1));
  EXPECT_TRUE(look_up(file));
  EXPECT_EQ(reads_, 3);
  const auto time = fs::last_write_time(file);
  fs::rename(temp_.write("b", "zz"), file);  // another inode
  fs::last_write_time(file, time);
  EXPECT_TRUE(look_up(file));
  EXPECT_EQ(reads_, 4);
}

TEST_F(FactCacheTest, ForgetsFailures) {
  const fs::path file = temp_.write("broken", "x");
  EXPECT_FALSE(look_up(file));
  EXPECT_FALSE(look_up(file));
  EXPECT_EQ(reads_, 2);
  EXPECT_FALSE(fs::exists(saved_));
}

TEST_F(FactCacheTest, KnowsWhatIsNew) {
  const fs::path file = temp_.write("a", "x");
  FactCache cache(saved_);
  EXPECT_TRUE(cache.reader(read_)(file));
  EXPECT_FALSE(cache.knew(file));
  EXPECT_TRUE(cache.save());
  EXPECT_TRUE(cache.knew(file));
  EXPECT_TRUE(FactCache(saved_).knew(file));
  EXPECT_FALSE(FactCache(saved_).knew("/other"));
}

TEST_F(FactCacheTest, IgnoresDamagedFilesWhateverIsWrong) {
  const fs::path file = temp_.write("a", "x");
  EXPECT_TRUE(look_up(file));
  const std::string whole = saved_bytes();
  ASSERT_GT(whole.size(), 50U);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_THAT(decode_records(std::as_bytes(std::span(changed))), IsEmpty()) << i;
    EXPECT_THAT(decode_records(std::as_bytes(std::span(whole).first(i))), IsEmpty()) << i;
  }
  EXPECT_EQ(decode_records(std::as_bytes(std::span(whole))).size(), 1U);
  for (const std::string& damaged :
       {std::string(), whole.substr(0, 40), whole + "x", std::string(100, '\xff')}) {
    std::ofstream(saved_, std::ios::binary) << damaged;
    EXPECT_TRUE(look_up(file));
  }
  EXPECT_EQ(reads_, 5);
}

TEST_F(FactCacheTest, LeavesNoLitter) {
  EXPECT_TRUE(look_up(temp_.write("a", "x")));
  EXPECT_TRUE(look_up(temp_.write("b", "x")));
  EXPECT_EQ(std::distance(fs::directory_iterator(saved_.parent_path()), fs::directory_iterator()),
            1);
}

TEST_F(FactCacheTest, KeepsNoRecordThatIsTooLarge) {
  read_ = [](const fs::path&) -> base::Result<FileFacts> {
    FileFacts facts;
    facts.title.assign(1 << 20, 't');
    return facts;
  };
  EXPECT_TRUE(look_up(temp_.write("a", "x")));
  EXPECT_FALSE(fs::exists(saved_));
}

TEST_F(FactCacheTest, StaysBoundedAndKeepsWhatIsUsed) {
  constexpr int many = 20'500;
  std::vector<fs::path> files;
  for (int i = 0; i < many; ++i) files.push_back(temp_.write("m/" + std::to_string(i), "x"));
  {
    FactCache cache(saved_);
    const FactsReader reader = cache.reader(read_);
    for (const fs::path& file : files) EXPECT_TRUE(reader(file));
    EXPECT_TRUE(cache.save());
  }
  const fs::path last = temp_.write("z", "x");
  EXPECT_TRUE(look_up(last));
  FactCache cache(saved_);
  EXPECT_TRUE(cache.knew(last));
  EXPECT_EQ(std::ranges::count_if(files, [&](const fs::path& file) { return cache.knew(file); }),
            19'999);
}

TEST_F(FactCacheTest, SaysWhenItCannotBeWritten) {
  FactCache cache(temp_.write("file", "x") / "below");
  EXPECT_TRUE(cache.reader(read_)(temp_.write("a", "x")));
  const auto saved = cache.save();
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().code, ErrorCode::Io);
}

TEST_F(FactCacheTest, WorksWithoutAFile) {
  FactCache cache{fs::path()};
  const fs::path file = temp_.write("a", "x");
  EXPECT_TRUE(cache.reader(read_)(file));
  EXPECT_TRUE(cache.reader(read_)(file));
  EXPECT_EQ(reads_, 1);
  EXPECT_TRUE(cache.save());
}

TEST(FactCacheFile, IsBelowTheUsersCache) {
  std::map<std::string, std::string, std::less<>> values{{"HOME", "/h"}};
  const Environment environment = [&values](std::string_view name) -> std::optional<std::string> {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
  EXPECT_EQ(fact_cache_file(environment), "/h/.cache/shimmy/headers");
  values["XDG_CACHE_HOME"] = "/c";
  EXPECT_EQ(fact_cache_file(environment), "/c/shimmy/headers");
  values.clear();
  EXPECT_EQ(fact_cache_file(environment), "");
}

}  // namespace
}  // namespace shimmy::models
