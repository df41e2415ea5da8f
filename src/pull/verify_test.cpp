#include "pull/verify.h"

#include <gmock/gmock.h>

#include "pull/content_range.h"
#include "pull/disk_space.h"
#include "pull/origin.h"
#include "pull/pull_fixture.h"
#include "pull/speed.h"
#include "support/fake_clock.h"

namespace shimmy::pull {
namespace {

using testing::HasSubstr;

TEST(Sha256, IsTheStandardsOwn) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Sha256 pieces;
  pieces.add("a");
  pieces.add("");
  pieces.add("bc");
  EXPECT_EQ(pieces.finish(), sha256("abc"));
}

TEST(Verify, HashesAFileAndTellsHowFarItIs) {
  const support::TempDir temp;
  const std::string bytes(3 << 20, 'x');
  std::uint64_t last = 0;
  const auto hash = sha256_of(temp.write("file", bytes),
                              [&](std::uint64_t done, std::uint64_t total) {
                                EXPECT_GE(done, last);
                                EXPECT_EQ(total, bytes.size());
                                last = done;
                              },
                              {});
  ASSERT_TRUE(hash);
  EXPECT_EQ(*hash, sha256(bytes));
  EXPECT_EQ(last, bytes.size());
}

TEST(Verify, StopsAndFailsInWords) {
  const support::TempDir temp;
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(sha256_of(temp.write("file", "x"), {}, stop.get_token()).error().code,
            base::ErrorCode::Cancelled);
  EXPECT_EQ(sha256_of(temp.path() / "none", {}, {}).error().code, base::ErrorCode::Io);
}

TEST(Verify, JudgesTheBeginning) {
  EXPECT_TRUE(check_beginning("GGUF....", "it"));
  EXPECT_TRUE(check_beginning("GG", "it"));
  EXPECT_THAT(check_beginning("PK\x03\x04....", "it").error().message, HasSubstr("ZIP archive"));
  EXPECT_THAT(check_beginning(std::string_view("\0\0\0\0\0\0\0\0", 8), "it").error().message,
              HasSubstr("it is no GGUF file"));
}

TEST(ContentRange, IsReadStrictly) {
  const auto range = [](std::string value) {
    return content_range({206, {{"Content-Range", std::move(value)}}, {}});
  };
  const ContentRange none{77, 77};
  EXPECT_EQ(range("bytes 5-9/10").value_or(none).first, 5);
  EXPECT_EQ(range("bytes 5-9/10").value_or(none).total, 10);
  EXPECT_EQ(range("bytes 5-9/*").value_or(none).total, 0);
  for (const char* wrong :
       {"", "bytes */10", "bytes 9-5/10", "bytes 5-10/10", "items 5-9/10", "bytes 5-9",
        "bytes 5-9/10x", "bytes -9/10", "bytes 5-9/99999999999999999999"}) {
    EXPECT_FALSE(range(wrong)) << wrong;
  }
}

TEST(Validator, IsAStrongTagElseADate) {
  const auto validator = [](std::vector<transfer::Header> headers) {
    return std::string(validator_of({200, std::move(headers), {}}));
  };
  EXPECT_EQ(validator({{"ETag", "\"a\""}, {"Last-Modified", "then"}}), "\"a\"");
  EXPECT_EQ(validator({{"ETag", "W/\"a\""}, {"Last-Modified", "then"}}), "then");
  EXPECT_EQ(validator({{"ETag", "W/\"a\""}}), "");
}

TEST(DiskSpace, NamesBothNumbers) {
  const support::TempDir temp;
  const FreeSpace free = [&](const std::filesystem::path& asked) -> base::Result<std::uint64_t> {
    EXPECT_EQ(asked, temp.path()) << "the nearest parent that exists";
    return 1000;
  };
  EXPECT_TRUE(check_space(temp.path() / "a" / "b", 1000, free));
  const auto room = check_space(temp.path() / "a" / "b", 3500, free);
  ASSERT_FALSE(room);
  EXPECT_THAT(room.error().message, HasSubstr("3.5 kB are still to be fetched"));
  EXPECT_THAT(room.error().message, HasSubstr("1.0 kB free"));
  EXPECT_THAT(room.error().message, HasSubstr("2.5 kB more"));
}

TEST(DiskSpace, IsAskedOfTheSystem) {
  EXPECT_GT(free_space(std::filesystem::temp_directory_path()).value_or(0), 0);
  EXPECT_FALSE(free_space("/nowhere/at/all"));
}

TEST(Origin, IsReadAsItWasWritten) {
  const support::TempDir temp;
  const auto model = temp.path() / "m.gguf";
  const Origin origin{"org/repo:Q4_0",
                      {"a", "b\"\n"},
                      {{"m.gguf", 5, "hash", "https://h/m"}},
                      {{"template", "{{ \xC3\xBC }}"}}};
  ASSERT_TRUE(write_origin(model, origin));
  const Origin read = read_origin(model).value_or(Origin());
  EXPECT_EQ(read.reference, origin.reference);
  EXPECT_EQ(read.aliases, origin.aliases);
  EXPECT_EQ(read.files.at(0).url, "https://h/m");
  EXPECT_EQ(read.files.at(0).bytes, 5);
  EXPECT_EQ(read.texts.at(0).text, origin.texts[0].text);
}

TEST(Origin, SurvivesAnyRecord) {
  const support::TempDir temp;
  const auto model = temp.path() / "m.gguf";
  EXPECT_FALSE(read_origin(model));
  for (const std::string_view text : {"", "[]", "{", "7"}) {
    temp.write("m.gguf.origin.json", text);
    EXPECT_FALSE(read_origin(model)) << text;
  }
  temp.write("m.gguf.origin.json", R"({"aliases":[1,null],"files":[[],7,{}],"texts":"x"})");
  const Origin read = read_origin(model).value_or(Origin());
  EXPECT_TRUE(read.aliases.empty());
  EXPECT_EQ(read.files.size(), 3);
}

TEST(Pace, IsTenTimesASecond) {
  support::FakeClock clock;
  Pace pace(clock);
  EXPECT_TRUE(pace.is_due());
  clock.advance(std::chrono::milliseconds(99));
  EXPECT_FALSE(pace.is_due());
  clock.advance(std::chrono::milliseconds(1));
  EXPECT_TRUE(pace.is_due());
  EXPECT_FALSE(pace.is_due());
}

class SpeedTest : public testing::Test {
 protected:
  support::FakeClock clock_;
  Speed speed_{clock_};
};

TEST_F(SpeedTest, IsTheMeanOfTheLastSeconds) {
  speed_.at(1000);
  EXPECT_EQ(speed_.bytes_per_second(), 0);
  EXPECT_EQ(speed_.left(100), std::nullopt);
  for (int second = 1; second <= 10; ++second) {
    clock_.advance(std::chrono::seconds(1));
    speed_.at(1000 + static_cast<std::uint64_t>(second) * 100);
  }
  EXPECT_DOUBLE_EQ(speed_.bytes_per_second(), 100);
  EXPECT_EQ(speed_.left(950), std::chrono::seconds(10));
  for (int second = 1; second <= 10; ++second) {
    clock_.advance(std::chrono::seconds(1));
    speed_.at(2000);
  }
  EXPECT_DOUBLE_EQ(speed_.bytes_per_second(), 0) << "it stands still now";
}

TEST_F(SpeedTest, ForgetsWhatWasBeforeANewStart) {
  speed_.at(5000);
  clock_.advance(std::chrono::seconds(1));
  speed_.at(0);
  EXPECT_EQ(speed_.bytes_per_second(), 0);
}

}  // namespace
}  // namespace shimmy::pull
