#include "grammar/matcher.h"

#include <gmock/gmock.h>

#include <thread>

#include "grammar/matching_fixture.h"

namespace shimmy::grammar {
namespace {

class FollowingAGrammar : public Matching {
 protected:
  static std::string next(Matcher& matcher) {
    std::string bytes;
    const auto mask = matcher.allowed();
    EXPECT_TRUE(mask);
    for (generation::Token one = 0; one < 256; ++one) {
      const auto index = static_cast<std::size_t>(one);
      if (((*mask)[index / 32] >> (index % 32) & 1U) != 0) bytes += static_cast<char>(one);
    }
    return bytes;
  }
  static bool allows(Matcher& matcher, generation::Token token) {
    const auto index = static_cast<std::size_t>(token);
    return ((*matcher.allowed())[index / 32] >> (index % 32) & 1U) != 0;
  }
  static void feed(Matcher& matcher, std::string_view text) {
    for (const char byte : text) ASSERT_TRUE(matcher.accept(token(byte))) << byte;
  }
};

TEST_F(FollowingAGrammar, AllowsWhatMayComeNext) {
  Matcher matcher(compiled({Kind::Gbnf, "root ::= \"a\" [b-d] | \"x\""}));
  EXPECT_EQ(next(matcher), "ax");
  feed(matcher, "a");
  EXPECT_EQ(next(matcher), "bcd");
}

TEST_F(FollowingAGrammar, AllowsTheEndExactlyWhereTheTextIsComplete) {
  Matcher matcher(compiled({Kind::Gbnf, "root ::= \"a\" \"b\"?"}));
  EXPECT_FALSE(allows(matcher, ByteTokenizer::kEnd));
  feed(matcher, "a");
  EXPECT_TRUE(matcher.is_complete());
  EXPECT_FALSE(matcher.is_finished());
  EXPECT_TRUE(allows(matcher, ByteTokenizer::kEnd));
  EXPECT_TRUE(allows(matcher, ByteTokenizer::kTurnEnd));
  feed(matcher, "b");
  EXPECT_TRUE(matcher.is_finished());
}

TEST_F(FollowingAGrammar, NeverAllowsSpecialTokensInTheText) {
  Matcher matcher(compiled({Kind::Regex, "[^]*"}));
  EXPECT_FALSE(allows(matcher, ByteTokenizer::kBegin));
  EXPECT_FALSE(allows(matcher, ByteTokenizer::kTurnStart));
}

TEST_F(FollowingAGrammar, IsFinishedAfterAnEndToken) {
  Matcher matcher(compiled({Kind::Regex, "a*"}));
  ASSERT_TRUE(matcher.accept(ByteTokenizer::kEnd));
  EXPECT_TRUE(matcher.is_finished());
  EXPECT_EQ(next(matcher), "");
  EXPECT_FALSE(matcher.accept('a'));
  EXPECT_EQ(matcher.forced_text(), "");
}

TEST_F(FollowingAGrammar, RefusesATokenAndStaysWhereItWas) {
  Matcher matcher(compiled({Kind::Gbnf, "root ::= \"ab\""}));
  for (const generation::Token wrong : {generation::Token{'b'}, ByteTokenizer::kEnd, -1, 100'000}) {
    EXPECT_FALSE(matcher.accept(wrong)) << wrong;
  }
  feed(matcher, "ab");
  EXPECT_TRUE(matcher.is_finished());
}

TEST_F(FollowingAGrammar, KnowsTheTextThatIsForced) {
  Matcher matcher(
      schema(R"({"type":"object","properties":{"name":{"type":"string"}},"required":["name"]})"));
  EXPECT_EQ(matcher.forced_text(), R"({"name": ")");
  feed(matcher, R"({"name": ")");
  EXPECT_EQ(matcher.forced_text(), "");
}

TEST_F(FollowingAGrammar, OneGrammarServesManyGenerations) {
  const Grammar grammar = schema(R"({"type":"array","items":{"type":"integer"}})");
  std::vector<std::jthread> threads;
  for (std::uint32_t seed = 0; seed < 4; ++seed) {
    threads.emplace_back([&, seed] { EXPECT_TRUE(accepts(grammar, written(grammar, seed))); });
  }
}

}  // namespace
}  // namespace shimmy::grammar
