#include "generation/stop_matcher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <vector>

namespace shimmy::generation {
namespace {

using Stops = std::vector<std::string>;

// Everything that came out of feeding the pieces, and the stop string that ended it.
struct Outcome {
  std::string text;
  bool stopped = false;
  std::string stop;

  bool operator==(const Outcome&) const = default;
  friend std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
    return out << '"' << outcome.text << "\" " << outcome.stopped << " \"" << outcome.stop << '"';
  }
};

Outcome feed(const Stops& stops, const std::vector<std::string>& pieces) {
  StopMatcher matcher(stops);
  Outcome outcome;
  for (const std::string& piece : pieces) {
    const StopMatcher::Output output = matcher.push(piece);
    outcome.text += output.text;
    if (output.stopped) return {outcome.text, true, output.stop};
  }
  outcome.text += matcher.flush();
  return outcome;
}

// The plain definition: the stop string that ends first; of those that end there, the longest.
Outcome reference(const Stops& stops, const std::string& text) {
  for (std::size_t end = 1; end <= text.size(); ++end) {
    const std::string_view head = std::string_view(text).substr(0, end);
    std::string best;
    for (const std::string& stop : stops) {
      if (stop.size() > best.size() && head.ends_with(stop)) best = stop;
    }
    if (!best.empty()) return {text.substr(0, end - best.size()), true, best};
  }
  return {text, false, ""};
}

// The longest end of the text that a stop string starts with.
std::size_t reference_held(const Stops& stops, const std::string& text) {
  std::size_t longest = 0;
  for (const std::string& stop : stops) {
    for (std::size_t length = 1; length <= std::min(stop.size(), text.size()); ++length) {
      if (text.ends_with(std::string_view(stop).substr(0, length)))
        longest = std::max(longest, length);
    }
  }
  return longest;
}

TEST(StopMatcher, WithoutStopsPassesEverythingOn) {
  StopMatcher matcher({});
  EXPECT_EQ(matcher.push("hello").text, "hello");
  EXPECT_EQ(matcher.held_bytes(), 0U);
  EXPECT_EQ(matcher.flush(), "");
}

TEST(StopMatcher, IgnoresEmptyStops) {
  EXPECT_EQ(feed({"", "x", ""}, {"ab", "xc"}), (Outcome{"ab", true, "x"}));
  EXPECT_EQ(feed({""}, {"ab", ""}), (Outcome{"ab", false, ""}));
}

TEST(StopMatcher, CutsTheTextBeforeTheStop) {
  EXPECT_EQ(feed({"END"}, {"one END two"}), (Outcome{"one ", true, "END"}));
}

TEST(StopMatcher, MatchesAcrossPieces) {
  EXPECT_EQ(feed({"\n\nUser:"}, {"Hi\n", "\nUs", "er", ": more"}),
            (Outcome{"Hi", true, "\n\nUser:"}));
}

TEST(StopMatcher, HoldsBackWhatMayBecomeAStopAndNothingElse) {
  const Stops stops{"STOP"};
  StopMatcher matcher(stops);
  EXPECT_EQ(matcher.push("abcST").text, "abc");
  EXPECT_EQ(matcher.held_bytes(), 2U);
  EXPECT_EQ(matcher.push("").text, "");
  EXPECT_EQ(matcher.push("S").text, "ST");
  EXPECT_EQ(matcher.held_bytes(), 1U);
  EXPECT_EQ(matcher.push("x").text, "Sx");
  EXPECT_EQ(matcher.held_bytes(), 0U);
}

TEST(StopMatcher, FlushGivesBackWhatWasHeld) {
  const Stops stops{"STOP"};
  StopMatcher matcher(stops);
  EXPECT_EQ(matcher.push("xSTO").text, "x");
  EXPECT_EQ(matcher.flush(), "STO");
  EXPECT_EQ(matcher.flush(), "");
  EXPECT_EQ(matcher.held_bytes(), 0U);
}

TEST(StopMatcher, StartsAfreshAfterAFlush) {
  const Stops stops{"STOP"};
  StopMatcher matcher(stops);
  matcher.push("STO");
  matcher.flush();
  EXPECT_EQ(matcher.push("P").text, "P");
}

TEST(StopMatcher, DropsEverythingAfterTheStop) {
  const Stops stops{"END"};
  StopMatcher matcher(stops);
  EXPECT_TRUE(matcher.push("aENDb").stopped);
  const StopMatcher::Output more = matcher.push("more");
  EXPECT_TRUE(more.stopped);
  EXPECT_EQ(more.text, "");
  EXPECT_EQ(matcher.flush(), "");
  EXPECT_EQ(matcher.held_bytes(), 0U);
}

TEST(StopMatcher, TakesTheStopThatEndsFirst) {
  EXPECT_EQ(feed({"abcd", "bc"}, {"xabcd"}), (Outcome{"xa", true, "bc"}));
}

TEST(StopMatcher, TakesTheLongestOfThoseThatEndTogether) {
  EXPECT_EQ(feed({"c", "bc", "abc"}, {"xabc"}), (Outcome{"x", true, "abc"}));
}

TEST(StopMatcher, GivesBackTheBeginningOfAFailedStopThatBeginsAnother) {
  EXPECT_EQ(feed({"aab"}, {"a", "a", "a", "b"}), (Outcome{"a", true, "aab"}));
  EXPECT_EQ(feed({"abac", "bad"}, {"ab", "ad"}), (Outcome{"a", true, "bad"}));
}

TEST(StopMatcher, TakesTheSameStopTwice) {
  EXPECT_EQ(feed({"x", "x"}, {"ax"}), (Outcome{"a", true, "x"}));
}

TEST(StopMatcher, WorksOnBytesWithTheHighBitAndZero) {
  const std::string zero("\0\xFF", 2);
  EXPECT_EQ(feed({"é", zero}, {"caf\xC3", "\xA8 ", "\xC3\xA9"}), (Outcome{"cafè ", true, "é"}));
  EXPECT_EQ(feed({zero}, {"a", std::string("\0", 1), "\xFF"}), (Outcome{"a", true, zero}));
}

TEST(StopMatcher, AgreesWithTheReferenceSplitAtEveryPoint) {
  const Stops stops{"abab", "bba", "aabb", "b a"};
  for (const std::string text : {"aababbab a", "abaababab", "xx aab bba", "b ", "aab", "ababab"}) {
    for (std::size_t first = 0; first <= text.size(); ++first) {
      for (std::size_t second = first; second <= text.size(); ++second) {
        EXPECT_EQ(feed(stops, {text.substr(0, first), text.substr(first, second - first),
                               text.substr(second)}),
                  reference(stops, text))
            << text << " split at " << first << " and " << second;
      }
    }
  }
}

class RandomText {
 public:
  std::string word(std::size_t shortest, std::size_t longest) {
    std::string text(between(shortest, longest), ' ');
    for (char& c : text) c = static_cast<char>('a' + between(0, 1));
    return text;
  }
  std::size_t between(std::size_t low, std::size_t high) {
    return std::uniform_int_distribution<std::size_t>(low, high)(generator_);
  }

 private:
  std::mt19937 generator_{7};  // NOLINT: the same text every time
};

TEST(StopMatcher, AgreesWithTheReferenceOnRandomText) {
  RandomText random;
  for (int round = 0; round < 5000; ++round) {
    Stops stops(random.between(1, 4));
    for (std::string& stop : stops) stop = random.word(1, 7);
    const std::string text = random.word(0, 30);
    std::vector<std::string> pieces;
    for (std::size_t at = 0; at < text.size();) {
      pieces.push_back(text.substr(at, random.between(0, 4)));
      at += pieces.back().size();
    }
    ASSERT_EQ(feed(stops, pieces), reference(stops, text)) << text;
  }
}

TEST(StopMatcher, HoldsNeitherMoreNorLessThanTheReference) {
  RandomText random;
  for (int round = 0; round < 1000; ++round) {
    Stops stops(random.between(1, 3));
    for (std::string& stop : stops) stop = random.word(3, 9);
    StopMatcher matcher(stops);
    std::string text;
    std::string out;
    while (text.size() < 40) {
      const std::string piece = random.word(1, 3);
      text += piece;
      const StopMatcher::Output output = matcher.push(piece);
      out += output.text;
      if (output.stopped) break;
      ASSERT_EQ(matcher.held_bytes(), reference_held(stops, text)) << text;
      ASSERT_EQ(out.size() + matcher.held_bytes(), text.size()) << text;
    }
  }
}

TEST(StopMatcher, IsLinearOnAStopThatNearlyMatchesEverywhere) {
  constexpr std::size_t stop_bytes = 100'000;
  constexpr std::size_t text_bytes = 1'000'000;
  const Stops stops{std::string(stop_bytes, 'a') + 'b'};
  StopMatcher matcher(stops);
  std::size_t out = 0;
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < text_bytes; ++i) out += matcher.push("a").text.size();
  const auto taken = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(out, text_bytes - stop_bytes);
  EXPECT_EQ(matcher.push("b").stop, stops[0]);
  // Quadratic work would take minutes; linear work takes a small part of a second.
  EXPECT_LT(taken, std::chrono::seconds(5));
}

TEST(StopMatcher, IsLinearWhenEveryByteFallsBackFar) {
  const Stops stops{std::string(50'000, 'a') + 'b', std::string(50'000, 'a') + 'c'};
  StopMatcher matcher(stops);
  std::size_t out = 0;
  const auto start = std::chrono::steady_clock::now();
  const std::string block = std::string(49'999, 'a') + 'x';
  for (int i = 0; i < 20; ++i) out += matcher.push(block).text.size();
  EXPECT_EQ(out, 20 * block.size());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(StopMatcher, TakesAThousandStops) {
  Stops stops;
  for (int i = 0; i < 1000; ++i) stops.push_back("<" + std::to_string(i) + ">");
  EXPECT_EQ(feed(stops, {"<", "12", "34><9", "87> x"}), (Outcome{"<1234>", true, "<987>"}));
}

}  // namespace
}  // namespace shimmy::generation
