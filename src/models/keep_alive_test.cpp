#include "models/keep_alive.h"

#include <gtest/gtest.h>

#include <chrono>

namespace shimmy::models {
namespace {

using std::chrono::seconds;

TEST(KeepAlive, IsADurationOrForever) {
  EXPECT_EQ(parse_keep_alive("5m").value().duration, seconds(300));
  EXPECT_EQ(parse_keep_alive("90").value().duration, seconds(90));
  EXPECT_EQ(parse_keep_alive("0").value().duration, seconds(0));
  EXPECT_EQ(parse_keep_alive("forever").value().duration, std::nullopt);
  EXPECT_EQ(parse_keep_alive("-1").value().duration, std::nullopt);
  EXPECT_EQ(parse_keep_alive("-5m").value().duration, std::nullopt);
}

TEST(KeepAlive, OfLessThanASecondIsNotNone) {
  EXPECT_EQ(parse_keep_alive("200ms").value().duration, seconds(1));
}

TEST(KeepAlive, RefusesWhatIsNoDuration) {
  const auto refused = parse_keep_alive("a while");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::InvalidRequest);
  EXPECT_EQ(refused.error().message,
            "\"a while\" does not say how long: write a duration such as 30s or 5m, 0 or forever.");
}

TEST(KeepAlive, IsReadBackAsItIsWritten) {
  for (const KeepAlive& given :
       {KeepAlive{}, KeepAlive{seconds(0)}, KeepAlive{seconds(5400)}, KeepAlive{std::nullopt}}) {
    EXPECT_EQ(parse_keep_alive(keep_alive_text(given)).value(), given) << keep_alive_text(given);
  }
  EXPECT_EQ(keep_alive_text({}), "5m");
}

}  // namespace
}  // namespace shimmy::models
