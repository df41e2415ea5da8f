#include "chat/json_stream.h"

#include <gtest/gtest.h>

namespace shimmy::chat {
namespace {

using State = JsonStream::State;

struct Read {
  State state;
  std::string out;
  std::string rest;
  bool operator==(const Read&) const = default;
};

Read read(std::string_view text) {
  JsonStream stream;
  std::string out;
  const State state = stream.read(text, out);
  return {state, out, std::string(text)};
}

std::string compact(std::string_view text) {
  const Read result = read(text);
  return result.state == State::Done ? result.out : "no";
}

TEST(JsonStream, LeavesOutWhiteSpaceBetweenTokens) {
  EXPECT_EQ(compact(" { \"a b\" : [ 1 , -2.5e+3 , true , null , { } , [ ] ] }\n"),
            R"({"a b":[1,-2.5e+3,true,null,{},[]]})");
}

TEST(JsonStream, LeavesWhatFollows) {
  EXPECT_EQ(read("{} x"), (Read{State::Done, "{}", " x"}));
  EXPECT_EQ(read("12, 3"), (Read{State::Done, "12", ", 3"}));
  EXPECT_EQ(read("\"a\"\""), (Read{State::Done, "\"a\"", "\""}));
}

TEST(JsonStream, KeepsEscapes) {
  EXPECT_EQ(compact(R"("\"\\\/\b\u00e9\uD83D")"), R"("\"\\\/\b\u00e9\uD83D")");
}

TEST(JsonStream, EscapesControlCharactersThatModelsWrite) {
  EXPECT_EQ(compact("\"a\nb\tc\x01\""), R"("a\nb\tc\u0001")");
}

TEST(JsonStream, WaitsForMore) {
  for (const char* text :
       {"", " ", "{", "{\"a", "{\"a\"", "{\"a\":", "[1", "[1,", "\"\\", "\"\\u1", "tru", "1"})
    EXPECT_EQ(read(text).state, State::More) << text;
}

TEST(JsonStream, FailsAtWhatIsNoJson) {
  for (const char* text :
       {"}",     "]",       "x",           "{x",    "{,",    "{\"a\" 1", "{\"a\":}",
        "[1 2]", "[1}",     "{\"a\":1,}",  "trux",  "nulll", "01 ",      "1.x",
        "-",     "\"\\x\"", "\"\\u12g4\"", "{1:2}", "+1",    "1e "}) {
    JsonStream stream;
    std::string out;
    std::string_view rest = text;
    const State state = stream.read(rest, out);
    EXPECT_TRUE(state == State::Failed || !stream.finish()) << text;
    EXPECT_NE(state, State::Done) << text;
  }
}

TEST(JsonStream, FinishesNumbersAtTheEnd) {
  JsonStream stream;
  std::string out;
  std::string_view text = "1.50";
  EXPECT_EQ(stream.read(text, out), State::More);
  EXPECT_TRUE(stream.finish());
  EXPECT_EQ(out, "1.50");
}

TEST(JsonStream, RefusesEndlessDepthAndNumbers) {
  EXPECT_EQ(read(std::string(255, '[')).state, State::More);
  EXPECT_EQ(read(std::string(1000, '[')).state, State::Failed);
  EXPECT_EQ(read(std::string(1000, '1')).state, State::Failed);
}

TEST(JsonEscaped, IsTheInsideOfAString) {
  EXPECT_EQ(json_escaped("a\"b\\c\nd/é"), "a\\\"b\\\\c\\nd/é");
}

}  // namespace
}  // namespace shimmy::chat
