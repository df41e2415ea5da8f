#include "scheduler/text_stream.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace shimmy::scheduler {
namespace {

using generation::GeneratedToken;
using Strings = std::vector<std::string>;

// The pieces become tokens 0, 1, 2, …; what comes out is noted down.
struct Transcript {
  explicit Transcript(const Strings& pieces, const Strings& stops = {}) : stream(stops) {
    for (std::size_t i = 0; i < pieces.size() && !stop; ++i) {
      auto output = stream.push({static_cast<generation::Token>(i), pieces[i], 0, {}});
      if (output.event) take(*output.event);
      stop = output.stop;
    }
    if (!stop) {
      if (auto rest = stream.flush()) take(*rest);
    }
  }
  void take(const generation::TextEvent& event) {
    events.push_back(event.text);
    text += event.text;
    for (const GeneratedToken& token : event.tokens) tokens.push_back(token.token);
  }

  TextStream stream;
  Strings events;
  std::string text;
  std::vector<generation::Token> tokens;
  std::optional<std::string> stop;
};

using Ids = std::vector<generation::Token>;

TEST(TextStream, PassesPlainTextOnTokenByToken) {
  const Transcript run({"Hel", "lo", "!"});
  EXPECT_EQ(run.events, (Strings{"Hel", "lo", "!"}));
  EXPECT_EQ(run.tokens, (Ids{0, 1, 2}));
}

TEST(TextStream, WaitsForTheWholeCharacter) {
  const Transcript run({"a\xF0\x9F", "\x99", "\x82", "b"});
  EXPECT_EQ(run.events, (Strings{"a", "\xF0\x9F\x99\x82", "b"}));
  EXPECT_EQ(run.tokens, (Ids{0, 1, 2, 3}));
}

TEST(TextStream, TurnsAnUnfinishedCharacterIntoAReplacementAtTheEnd) {
  const Transcript run({"a", "\xE2\x82"});
  EXPECT_EQ(run.text, "a\xEF\xBF\xBD");
  EXPECT_EQ(run.tokens, (Ids{0, 1}));
}

TEST(TextStream, NeverShowsAPartOfAStopString) {
  const Transcript run({"one ", "ST", "O", "P", " two"}, {"STOP"});
  EXPECT_EQ(run.text, "one ");
  EXPECT_EQ(run.stop, "STOP");
  EXPECT_EQ(run.tokens, (Ids{0}));
}

TEST(TextStream, ReleasesHeldTextWithItsTokens) {
  const Transcript run({"one ", "ST", "AY"}, {"STOP"});
  EXPECT_EQ(run.events, (Strings{"one ", "STAY"}));
  EXPECT_EQ(run.tokens, (Ids{0, 1, 2}));
  EXPECT_FALSE(run.stop);
}

TEST(TextStream, KeepsTheTokenThatAStopStringStartsIn) {
  const Transcript run({"one two", " three"}, {"wo th"});
  EXPECT_EQ(run.text, "one t");
  EXPECT_EQ(run.tokens, (Ids{0}));
}

TEST(TextStream, ShowsWhatWasHeldWhenTheTextEnds) {
  const Transcript run({"one ST"}, {"STOP"});
  EXPECT_EQ(run.events, (Strings{"one ", "ST"}));
  EXPECT_EQ(run.tokens, (Ids{0}));
}

TEST(TextStream, GivesEmptyTokensWithTheNextText) {
  const Transcript run({"", "a", ""});
  EXPECT_EQ(run.text, "a");
  EXPECT_EQ(run.tokens, (Ids{0, 1, 2}));
}

TEST(TextStream, FindsAStopStringInOneToken) {
  const Transcript run({"before STOP after"}, {"STOP"});
  EXPECT_EQ(run.text, "before ");
  EXPECT_EQ(run.stop, "STOP");
}

TEST(TextStream, FindsAStopStringOfManyBytesAcrossCharacters) {
  const Transcript run({"x", "\xE2", "\x82", "\xAC", "y"}, {"\xE2\x82\xAC"});
  EXPECT_EQ(run.text, "x");
  EXPECT_TRUE(run.stop);
}

}  // namespace
}  // namespace shimmy::scheduler
