#include "base/quantity.h"

#include <gtest/gtest.h>

#include <limits>

namespace shimmy::base {
namespace {

TEST(HumanBytes, HasOnePlaceAndDecimalUnits) {
  EXPECT_EQ(human_bytes(0), "0 B");
  EXPECT_EQ(human_bytes(999), "999 B");
  EXPECT_EQ(human_bytes(1000), "1.0 kB");
  EXPECT_EQ(human_bytes(98'200'000), "98.2 MB");
  EXPECT_EQ(human_bytes(2'100'000'000), "2.1 GB");
  EXPECT_EQ(human_bytes(1'500'000'000'000), "1.5 TB");
}

TEST(HumanBytes, NeverRoundsUpToAThousand) {
  EXPECT_EQ(human_bytes(999'949), "999.9 kB");
  EXPECT_EQ(human_bytes(999'950), "1.0 MB");
  EXPECT_EQ(human_bytes(999'999'999), "1.0 GB");
}

TEST(HumanBytes, HasNoUnitBeyondTera) {
  EXPECT_EQ(human_bytes(std::numeric_limits<std::uint64_t>::max()), "18446744.1 TB");
}

TEST(HumanCount, ScalesByThousands) {
  EXPECT_EQ(human_count(0), "0");
  EXPECT_EQ(human_count(999), "999");
  EXPECT_EQ(human_count(12'000), "12.0K");
  EXPECT_EQ(human_count(999'960), "1.0M");
  EXPECT_EQ(human_count(134'515'008), "134.5M");
  EXPECT_EQ(human_count(7'240'000'000), "7.2B");
}

std::uint64_t bytes(std::string_view text) { return parse_bytes(text).value(); }

TEST(ParseBytes, ReadsSizesAsPeopleWriteThem) {
  EXPECT_EQ(bytes("0"), 0U);
  EXPECT_EQ(bytes("1048576"), 1'048'576U);
  EXPECT_EQ(bytes("4GB"), 4'000'000'000U);
  EXPECT_EQ(bytes("4g"), 4'000'000'000U);
  EXPECT_EQ(bytes(" 1.5 Gb "), 1'500'000'000U);
  EXPECT_EQ(bytes("512MiB"), 512ULL << 20);
  EXPECT_EQ(bytes("2Ti"), 2ULL << 40);
  EXPECT_EQ(bytes("7 B"), 7U);
}

TEST(ParseBytes, ReadsWhatHumanBytesWrites) {
  for (const std::uint64_t size : {512ULL, 98'200'000ULL, 2'100'000'000ULL}) {
    EXPECT_EQ(bytes(human_bytes(size)), size);
  }
}

TEST(ParseBytes, RefusesAllElse) {
  for (const char* text : {"", " ", "GB", "-1", "4 XB", "4GBB", "4G4G", "1e9", "inf", "nan", "0x10",
                           "4,5GB", ".", "4%", "99999999TB", "1.2.3"}) {
    EXPECT_FALSE(parse_bytes(text)) << text;
  }
  EXPECT_EQ(parse_bytes("lots").error().code, ErrorCode::InvalidRequest);
  EXPECT_EQ(parse_bytes("lots").error().message,
            "\"lots\" is not a size: write one such as 4GB or 512MiB.");
}

TEST(ParseMemory, ReadsSharesToo) {
  EXPECT_EQ(parse_memory("80%", 1000).value(), 800U);
  EXPECT_EQ(parse_memory(" 12.5 % ", 1000).value(), 125U);
  EXPECT_EQ(parse_memory("100%", 1000).value(), 1000U);
  EXPECT_EQ(parse_memory("2kB", 1000).value(), 2000U);
  EXPECT_EQ(parse_memory("auto", 1000).value(), 0U);
}

TEST(ParseMemory, RefusesSharesThatAreNone) {
  for (const char* text : {"0%", "101%", "%", "-5%", "x%", "5%%", "5 5%"}) {
    EXPECT_FALSE(parse_memory(text, 1000)) << text;
  }
}

std::int64_t duration(std::string_view text) { return parse_duration(text).value().count(); }

TEST(ParseDuration, ReadsDurationsAsPeopleWriteThem) {
  EXPECT_EQ(duration("0"), 0);
  EXPECT_EQ(duration("90"), 90'000);
  EXPECT_EQ(duration("5m"), 300'000);
  EXPECT_EQ(duration("1h30m"), 5'400'000);
  EXPECT_EQ(duration("1h 30M"), 5'400'000);
  EXPECT_EQ(duration("1.5s"), 1500);
  EXPECT_EQ(duration("250ms"), 250);
  EXPECT_EQ(duration("2d"), 172'800'000);
  EXPECT_EQ(duration("-1"), -1000);
  EXPECT_EQ(duration("-5m"), -300'000);
}

TEST(ParseDuration, RefusesAllElse) {
  for (const char* text : {"", "-", "m", "5 parsecs", "5m30", "0m30", "m5", "--5", "5-", "1e3",
                           "9e99", "99999999999999999999d", "forever", "5m,3s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
  EXPECT_EQ(parse_duration("soon").error().message,
            "\"soon\" is not a duration: write one such as 90s, 5m or 1h30m.");
}

TEST(DurationText, IsReadBack) {
  for (const std::int64_t count : {0, 250, 300'000, 5'400'000, -1000, 90'061'001}) {
    const std::string text = duration_text(std::chrono::milliseconds(count));
    EXPECT_EQ(duration(text), count) << text;
  }
  EXPECT_EQ(duration_text(std::chrono::minutes(90)), "1h30m");
  EXPECT_EQ(duration_text(std::chrono::milliseconds(250)), "250ms");
}

}  // namespace
}  // namespace shimmy::base
