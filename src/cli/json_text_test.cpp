#include "cli/json_text.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <limits>

namespace shimmy::cli {
namespace {

namespace json = boost::json;

TEST(JsonText, WritesFractionsAsPeopleDo) {
  EXPECT_EQ(json_text(12.5), "12.5\n");
  EXPECT_EQ(json_text(266.0), "266\n");
  EXPECT_EQ(json_text(0.0004), "0\n");
  EXPECT_EQ(json_text(-0.0001), "0\n");
  EXPECT_EQ(json_text(1234567.12345), "1234567.123\n");
}

TEST(JsonText, HasNoInfinity) {
  EXPECT_EQ(json_text(std::numeric_limits<double>::infinity()), "null\n");
}

TEST(JsonText, LeavesIntegersAndOthersAlone) {
  EXPECT_EQ(json_text(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615\n");
  EXPECT_EQ(json_text(true), "true\n");
  EXPECT_EQ(json_text(nullptr), "null\n");
  EXPECT_EQ(json_text("a\"b\n"), "\"a\\\"b\\n\"\n");
}

TEST(JsonText, KeepsTheOrderOfMembers) {
  EXPECT_EQ(json_text({{"z", 1}, {"a", {{"deep", json::array{1, 2.5, json::object()}}}}}),
            "{\"z\":1,\"a\":{\"deep\":[1,2.5,{}]}}\n");
}

TEST(JsonText, IsReadBackAsTheSame) {
  const json::value value{{"text", "\xF0\x9F\x99\x82"}, {"list", json::array()}, {"n", 0.25}};
  EXPECT_EQ(json::parse(json_text(value)), value);
}

}  // namespace
}  // namespace shimmy::cli
