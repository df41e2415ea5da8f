#include "pull/part_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>

#include "support/temp_dir.h"

namespace shimmy::pull {
namespace {

namespace fs = std::filesystem;

class PartFileTest : public testing::Test {
 protected:
  std::unique_ptr<PartFile> open() {
    auto part = PartFile::open(final_, {}, {});
    EXPECT_TRUE(part) << part.error().message;
    return part ? std::move(*part) : nullptr;
  }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(temp_.path())) {
      if (entry.is_regular_file()) names.push_back(entry.path().filename());
    }
    std::ranges::sort(names);
    return names;
  }

  static std::string content(const PartFile& part) {
    std::string all;
    EXPECT_TRUE(part.read([&](std::string_view piece) {
      all += piece;
      return true;
    }));
    return all;
  }

  const support::TempDir temp_;
  const fs::path final_ = temp_.path() / "org" / "repo" / "m.gguf";
};

TEST_F(PartFileTest, LeavesNothingWithoutAByte) {
  open();
  EXPECT_TRUE(names().empty());
  ASSERT_TRUE(open()->restart({100, "hash", "\"v\""}));
  EXPECT_TRUE(names().empty());
}

TEST_F(PartFileTest, KeepsBytesAndWhatIsKnownOfThem) {
  {
    const auto part = open();
    EXPECT_FALSE(part->has_record());
    ASSERT_TRUE(part->restart({100, "hash", "\"v\""}));
    ASSERT_TRUE(part->append("some "));
    ASSERT_TRUE(part->sync());
    ASSERT_TRUE(part->append("bytes"));
  }
  EXPECT_EQ(names(), (std::vector<std::string>{"m.gguf.part", "m.gguf.part.json"}));
  const auto part = open();
  EXPECT_TRUE(part->has_record());
  EXPECT_EQ(part->bytes(), 10);
  EXPECT_EQ(part->record().bytes, 100);
  EXPECT_EQ(part->record().sha256, "hash");
  EXPECT_EQ(part->record().validator, "\"v\"");
  EXPECT_EQ(part->record().synced, 5);
  EXPECT_EQ(content(*part), "some bytes");
}

TEST_F(PartFileTest, IsShortenedAndBegunAnew) {
  const auto part = open();
  ASSERT_TRUE(part->append("some bytes"));
  ASSERT_TRUE(part->truncate(4));
  ASSERT_TRUE(part->append("!"));
  EXPECT_EQ(content(*part), "some!");
  ASSERT_TRUE(part->restart({}));
  EXPECT_EQ(part->bytes(), 0);
  EXPECT_EQ(content(*part), "");
}

TEST_F(PartFileTest, TakesItsPlaceAndLeavesNothingElse) {
  temp_.write("org/repo/m.gguf", "old");
  temp_.write("org/repo/m.gguf.part.json.tmp", "half");
  {
    const auto part = open();
    ASSERT_TRUE(part->restart({}));
    ASSERT_TRUE(part->append("new"));
    ASSERT_TRUE(part->publish());
  }
  EXPECT_EQ(names(), std::vector<std::string>{"m.gguf"});
  EXPECT_EQ(fs::file_size(final_), 3);
}

TEST_F(PartFileTest, IsDiscardedWithAllThatBelongsToIt) {
  temp_.write("org/repo/m.gguf.part.json", "{}");
  temp_.write("org/repo/m.gguf.part.json.tmp", "half");
  const auto part = open();
  ASSERT_TRUE(part->append("x"));
  part->discard();
  EXPECT_TRUE(names().empty());
}

TEST_F(PartFileTest, KnowsNothingWhereItsRecordIsTorn) {
  temp_.write("org/repo/m.gguf.part", "bytes");
  for (const std::string_view torn : {"", "{\"bytes\":1", "[]", "5", "\xff\xfe"}) {
    temp_.write("org/repo/m.gguf.part.json", torn);
    EXPECT_FALSE(open()->has_record()) << torn;
  }
  temp_.write("org/repo/m.gguf.part.json", R"({"bytes":-5,"sha256":7,"validator":null})");
  const auto part = open();
  EXPECT_TRUE(part->has_record());
  EXPECT_EQ(part->record().bytes, 0);
  EXPECT_EQ(part->record().sha256, "");
}

TEST_F(PartFileTest, IsHeldByOneAtATime) {
  auto first = open();
  ASSERT_TRUE(first->append("12345"));
  std::promise<std::uint64_t> waits;
  bool is_told = false;
  auto second = std::async(std::launch::async, [&] {
    return PartFile::open(final_,
                          [&](std::uint64_t bytes) {
                            if (!std::exchange(is_told, true)) waits.set_value(bytes);
                          },
                          {});
  });
  EXPECT_EQ(waits.get_future().get(), 5);
  ASSERT_TRUE(first->publish());
  first.reset();
  const auto part = second.get();
  ASSERT_TRUE(part);
  EXPECT_EQ((*part)->bytes(), 0) << "a file of its own, not the one that was published";
  EXPECT_TRUE(fs::exists(final_));
}

TEST_F(PartFileTest, StopsWaitingWhenAsked) {
  const auto first = open();
  std::stop_source stop;
  const auto second =
      PartFile::open(final_, [&](std::uint64_t) { stop.request_stop(); }, stop.get_token());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, base::ErrorCode::Cancelled);
}

TEST_F(PartFileTest, FollowsNoLinkToSomebodyElsesFile) {
  const fs::path victim = temp_.write("victim", "precious");
  fs::create_directories(final_.parent_path());
  fs::create_symlink(victim, PartFile::path_for(final_));
  const auto part = PartFile::open(final_, {}, {});
  ASSERT_FALSE(part);
  EXPECT_EQ(part.error().code, base::ErrorCode::Io);
  EXPECT_EQ(fs::file_size(victim), 8);
}

TEST_F(PartFileTest, SaysWhatCannotBeMade) {
  temp_.write("org", "a file where a directory is needed");
  const auto part = PartFile::open(final_, {}, {});
  ASSERT_FALSE(part);
  EXPECT_EQ(part.error().code, base::ErrorCode::Io);
  EXPECT_NE(part.error().message.find("--dir"), std::string::npos);
}

}  // namespace
}  // namespace shimmy::pull
