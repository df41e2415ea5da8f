#include "protocol/json/keep_alive.h"

#include <gtest/gtest.h>

#include <string>

namespace shimmy::protocol::json {
namespace {

struct Read {
  std::optional<std::int64_t> seconds;
  std::optional<base::Error> error;
};

Read read(const std::string& value) {
  const auto object = parse_object(R"({"keep_alive":)" + value + "}").value();
  Fields fields(object);
  Read result{.seconds = decode_keep_alive(fields), .error = {}};
  result.error = fields.error();
  return result;
}

TEST(KeepAlive, IsANumberOfSeconds) {
  EXPECT_EQ(read("0").seconds, 0);
  EXPECT_EQ(read("90").seconds, 90);
  EXPECT_EQ(read("90.0").seconds, 90);
  EXPECT_EQ(read("2147483647").seconds, 2147483647);
}

TEST(KeepAlive, IsADurationWithItsUnit) {
  EXPECT_EQ(read(R"("5m")").seconds, 300);
  EXPECT_EQ(read(R"("1h30m")").seconds, 5400);
  EXPECT_EQ(read(R"("0")").seconds, 0);
}

TEST(KeepAlive, RoundsPartsOfASecondUpSoThatTheyAreNotNone) {
  EXPECT_EQ(read("0.1").seconds, 1);
  EXPECT_EQ(read(R"("250ms")").seconds, 1);
}

TEST(KeepAlive, IsWithoutEndBelowZero) {
  for (const char* value :
       {"-1", "-300", "-0.5", "-1e300", R"("-1")", R"("-5m")", R"("forever")"}) {
    EXPECT_EQ(read(value).seconds, -1) << value;
  }
}

TEST(KeepAlive, IsEmptyWhereNotGiven) {
  for (const char* text : {"{}", R"({"keep_alive":null})"}) {
    const auto object = parse_object(text).value();
    Fields fields(object);
    EXPECT_EQ(decode_keep_alive(fields), std::nullopt);
    EXPECT_TRUE(fields.ok());
  }
}

TEST(KeepAlive, RefusesWhatIsNoTimeAndNamesTheField) {
  for (const char* value : {R"("soon")", R"("")", R"("5 parsecs")", "true", "[]", "{}",
                            "2147483648", "18446744073709551615", "1e300"}) {
    const Read refused = read(value);
    EXPECT_EQ(refused.seconds, std::nullopt) << value;
    ASSERT_TRUE(refused.error) << value;
    EXPECT_EQ(refused.error->code, base::ErrorCode::InvalidRequest) << value;
    EXPECT_EQ(refused.error->param, "keep_alive") << value;
    EXPECT_FALSE(refused.error->reason.empty()) << value;
  }
}

}  // namespace
}  // namespace shimmy::protocol::json
