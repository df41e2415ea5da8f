#include "grammar/number_range.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "grammar/matching_fixture.h"

namespace shimmy::grammar {
namespace {

class NumberRange : public Matching {
 protected:
  static Grammar grammar(const std::string& expression) {
    return compiled({Kind::Gbnf, "root ::= " + expression});
  }
};

TEST_F(NumberRange, HasExactlyTheIntegersBetweenItsEnds) {
  for (const auto& [least, most] : std::vector<std::pair<int, int>>{{0, 0},
                                                                    {0, 9},
                                                                    {7, 11},
                                                                    {-5, 5},
                                                                    {-120, -9},
                                                                    {95, 1203},
                                                                    {-1, 0},
                                                                    {100, 100},
                                                                    {199, 301},
                                                                    {-1000, -1000}}) {
    const Grammar range = grammar(integer_range(least, most));
    for (int value = -1300; value <= 1300; ++value) {
      EXPECT_EQ(accepts(range, std::to_string(value)), least <= value && value <= most)
          << value << " in " << least << " to " << most;
    }
  }
}

TEST_F(NumberRange, ReachesTheEndsOfTheIntegers) {
  constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
  const Grammar all = grammar(integer_range(lowest, highest));
  EXPECT_TRUE(accepts(all, "9223372036854775807"));
  EXPECT_FALSE(accepts(all, "9223372036854775808"));
  EXPECT_TRUE(accepts(all, "-9223372036854775808"));
  EXPECT_FALSE(accepts(all, "-9223372036854775809"));
}

TEST_F(NumberRange, WithoutAnEndIsAsLongAsReadersCanHold) {
  const Grammar all = grammar(integer_range({}, {}));
  EXPECT_TRUE(accepts(all, "999999999999999"));
  EXPECT_FALSE(accepts(all, "1000000000000000"));
  EXPECT_TRUE(accepts(grammar(integer_range(5'000'000'000'000'000, {})), "6000000000000000"));
}

TEST_F(NumberRange, HasTheDecimalsBetweenItsEnds) {
  struct Range {
    double least;
    bool least_exclusive;
    double most;
    bool most_exclusive;
  };
  for (const Range& range :
       {Range{-1.5, false, 2.25, false}, Range{0, true, 1, true}, Range{0.995, false, 1.005, true},
        Range{-0.5, true, -0.25, false}, Range{1.01, true, 1.02, true}, Range{-3, false, -3, false},
        Range{0, false, 0, false}, Range{-2, true, 0, true}, Range{1.1, false, 1.1, false}}) {
    const Grammar decimals = grammar(number_range(NumberBound{range.least, range.least_exclusive},
                                                  NumberBound{range.most, range.most_exclusive}));
    for (int thousandths = -4000; thousandths <= 4000; ++thousandths) {
      if (thousandths % 5 != 0 && std::abs(thousandths) % 1000 > 20) continue;
      const double value = thousandths / 1000.0;
      const std::string text = fmt::format("{}", value);
      const bool is_above = range.least_exclusive ? value > range.least : value >= range.least;
      const bool is_below = range.most_exclusive ? value < range.most : value <= range.most;
      if (value == 0 && std::signbit(value)) continue;
      EXPECT_EQ(accepts(decimals, text), is_above && is_below)
          << text << " in " << range.least << " to " << range.most;
    }
  }
}

TEST_F(NumberRange, IsEmptyWhereNothingLiesBetween) {
  EXPECT_EQ(number_range(NumberBound{1, true}, NumberBound{1, false}), "");
  EXPECT_EQ(number_range(NumberBound{1, true}, NumberBound{1, true}), "");
}

// 99.999999999999999 is 100 to everyone who reads it.
TEST_F(NumberRange, StaysBelowAnEndThatIsExcludedAfterRounding) {
  for (const double end : {1.0, 10.0, 100.0, 4096.0, 123456789.0}) {
    const Grammar below = grammar(number_range(NumberBound{0, false}, NumberBound{end, true}));
    for (std::uint32_t seed = 0; seed < 50; ++seed) {
      const std::string text = written(below, seed);
      EXPECT_LT(std::stod(text), end) << text;
    }
    Matcher matcher(below);
    std::string nines = fmt::format("{}", end - 1) + ".";
    while (accepts(below, nines + "9")) nines += '9';
    EXPECT_LT(std::stod(nines), end) << nines;
  }
}

TEST_F(NumberRange, ReadsBoundsThatAreWrittenWithExponents) {
  const Grammar tiny = grammar(number_range(NumberBound{1e-7, false}, NumberBound{2e-7, false}));
  EXPECT_TRUE(accepts(tiny, "0.00000015"));
  EXPECT_FALSE(accepts(tiny, "0.0000003"));
  EXPECT_FALSE(accepts(tiny, "0"));
}

}  // namespace
}  // namespace shimmy::grammar
