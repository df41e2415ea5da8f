#include "grammar/compiler.h"

#include <gmock/gmock.h>

#include <atomic>
#include <latch>
#include <thread>

#include "grammar/matching_fixture.h"

namespace shimmy::grammar {
namespace {

using testing::HasSubstr;

class Compiling : public Matching {};

// Counts how often the vocabulary is read.
class CountingTokenizer final : public generation::Tokenizer {
 public:
  std::vector<generation::Token> encode(std::string_view text, bool begin,
                                        generation::SpecialText special) const override {
    return inner_.encode(text, begin, special);
  }
  std::string piece(generation::Token token, bool show_special) const override {
    if (token == 0) ++reads;
    return inner_.piece(token, show_special);
  }
  bool is_end(generation::Token token) const override { return inner_.is_end(token); }
  std::span<const generation::Token> end_tokens() const override { return inner_.end_tokens(); }
  std::size_t size() const override { return inner_.size(); }

  mutable std::atomic<int> reads = 0;

 private:
  ByteTokenizer inner_;
};

TEST_F(Compiling, ReadsTheVocabularyOnceAndNotBeforeItIsNeeded) {
  const auto tokenizer = std::make_shared<CountingTokenizer>();
  Compiler compiler(tokenizer);
  EXPECT_EQ(tokenizer->reads, 0);
  EXPECT_FALSE(compiler.compile({Kind::JsonSchema, "false"}));
  EXPECT_EQ(tokenizer->reads, 0);
  EXPECT_TRUE(compiler.compile({Kind::Regex, "a"}));
  EXPECT_TRUE(compiler.compile({Kind::Regex, "b"}));
  EXPECT_EQ(tokenizer->reads, 1);
}

TEST_F(Compiling, KeepsWhatItHasMade) {
  Compiler compiler(tokenizer());
  const auto first = compiler.compile({Kind::JsonSchema, R"({"type":"string"})"});
  const auto second = compiler.compile({Kind::JsonSchema, R"({"type":"string"})"});
  ASSERT_TRUE(first && second);
  EXPECT_EQ(*first, *second);
  EXPECT_EQ(compiler.cache_use().grammars, 1);
  EXPECT_GT(compiler.cache_use().bytes, 0);
}

TEST_F(Compiling, TellsConstraintsApart) {
  Compiler compiler(tokenizer());
  const std::string text = R"({"uniqueItems":true})";
  EXPECT_TRUE(compiler.compile({Kind::JsonSchema, text, /*strict=*/false}));
  EXPECT_FALSE(compiler.compile({Kind::JsonSchema, text, /*strict=*/true}));
}

TEST_F(Compiling, MakesOneConstraintOnceForAllWhoAskAtOnce) {
  Compiler compiler(tokenizer());
  constexpr int kThreads = 8;
  std::latch start(kThreads);
  std::vector<Grammar> grammars(kThreads);
  {
    std::vector<std::jthread> threads;
    for (Grammar& grammar : grammars) {
      threads.emplace_back([&] {
        start.arrive_and_wait();
        grammar = compiler.compile({Kind::JsonObject, ""}).value();
      });
    }
  }
  for (const Grammar& grammar : grammars) EXPECT_EQ(grammar, grammars.front());
}

TEST_F(Compiling, ForgetsTheLeastUsedWhenTheCacheIsFull) {
  Compiler probe(tokenizer());
  ASSERT_TRUE(probe.compile({Kind::Regex, "a1"}));
  const std::size_t one = probe.cache_use().bytes;
  Compiler compiler(tokenizer(), 2 * one + one / 2);
  const auto first = compiler.compile({Kind::Regex, "a1"}).value();
  const auto second = compiler.compile({Kind::Regex, "b2"}).value();
  EXPECT_EQ(compiler.compile({Kind::Regex, "a1"}).value(), first);
  EXPECT_TRUE(compiler.compile({Kind::Regex, "c3"}));
  EXPECT_EQ(compiler.cache_use().grammars, 2);
  EXPECT_LE(compiler.cache_use().bytes, 2 * one + one / 2);
  EXPECT_EQ(compiler.compile({Kind::Regex, "a1"}).value(), first);
  EXPECT_NE(compiler.compile({Kind::Regex, "b2"}).value(), second);
}

TEST_F(Compiling, KeepsNothingThatFailedOrIsLargerThanTheCache) {
  Compiler compiler(tokenizer(), 1);
  EXPECT_FALSE(compiler.compile({Kind::Regex, "("}));
  EXPECT_TRUE(compiler.compile({Kind::Regex, "a"}));
  EXPECT_EQ(compiler.cache_use().grammars, 0);
  EXPECT_EQ(compiler.cache_use().bytes, 0);
}

TEST_F(Compiling, NamesTheFieldThatAskedForIt) {
  Compiler compiler(tokenizer(), 1 << 20);
  Constraint constraint{Kind::JsonSchema, "{"};
  EXPECT_EQ(compiler.compile(constraint).error().param, "schema");
  constraint.field = "guided_json";
  const auto refused = compiler.compile(constraint);
  EXPECT_EQ(refused.error().param, "guided_json");
  EXPECT_THAT(refused.error().message, testing::StartsWith("Invalid schema for 'guided_json': "));
  constraint.label = "response_format 'x'";
  EXPECT_THAT(compiler.compile(constraint).error().message,
              testing::StartsWith("Invalid schema for response_format 'x': "));
}

TEST_F(Compiling, RefusesAGrammarWithoutASingleText) {
  Compiler compiler(tokenizer(), 1 << 20);
  const auto refused = compiler.compile({Kind::Gbnf, "root ::= a\na ::= root"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::InvalidRequest);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("allows no text"));
}

TEST_F(Compiling, ARegexIsMatchedByTheWholeText) {
  const Grammar grammar = compiled({Kind::Regex, "[ab]+|\\d{2}"});
  EXPECT_TRUE(accepts(grammar, "abba"));
  EXPECT_TRUE(accepts(grammar, "12"));
  EXPECT_FALSE(accepts(grammar, "xabba"));
  EXPECT_FALSE(accepts(grammar, "123"));
}

TEST_F(Compiling, ReadsGbnf) {
  const Grammar grammar = compiled({Kind::Gbnf, R"(# a list
root ::= item ("," ws item)*   # of items
item ::= "\x41b" | [^\x00-\x40a-z]{2,3} |
         "\"" "\u00e9"
ws ::= [ \t]?
)"});
  EXPECT_TRUE(accepts(grammar, "Ab,AB, \"é"));
  EXPECT_FALSE(accepts(grammar, "ab"));
}

TEST_F(Compiling, RefusesGrammarsThatCannotBeRead) {
  for (const std::string& text :
       {std::string(), std::string("root ::= ("), std::string("root ::= missing"),
        std::string("other ::= \"a\""), std::string("root ::= \"a"), std::string("root ::= [b-a]"),
        std::string("root ::= \"\0\"", 12), std::string(70'000, ' '), std::string(1000, '('),
        std::string("root ::= \"\xFF\"")}) {
    EXPECT_NE(refusal({Kind::Gbnf, text}), "") << text.substr(0, 30);
  }
}

TEST_F(Compiling, AStructuralTagConstrainsPartsOfTheText) {
  const Grammar grammar = compiled({Kind::StructuralTag, R"({"type":"structural_tag","format":{
      "type":"triggered_tags","triggers":["<call>"],"tags":[{"begin":"<call>","end":"</call>",
      "content":{"type":"json_schema","json_schema":{"type":"object",
        "properties":{"a/b":{"type":"string","maxLength":3}},"required":["a/b"]}}}]}})"});
  EXPECT_TRUE(accepts(grammar, "hello"));
  EXPECT_TRUE(accepts(grammar, R"(so: <call>{"a/b": "\"x"}</call> done)"));
  EXPECT_FALSE(accepts(grammar, R"(<call>{"a/b": 1}</call>)"));
  EXPECT_FALSE(accepts(grammar, R"(<call>{"a/b": "toolong"}</call>)"));
}

TEST_F(Compiling, AStructuralTagRefusesWhatItsSchemasCannotEnforce) {
  const std::string tag = R"({"type":"structural_tag","format":{"type":"json_schema",
      "json_schema":{"type":"array","uniqueItems":true}}})";
  EXPECT_THAT(refusal({Kind::StructuralTag, tag, /*strict=*/true}), HasSubstr("uniqueItems"));
  EXPECT_EQ(refusal({Kind::StructuralTag, tag, /*strict=*/false}), "");
}

TEST_F(Compiling, RefusesBrokenStructuralTags) {
  for (const char* text :
       {"", "1", "{", "{}", R"({"type":"structural_tag"})",
        R"({"type":"structural_tag","format":{"type":"nothing"}})",
        R"({"type":"structural_tag","format":{"type":"regex","pattern":"("}})"}) {
    EXPECT_NE(refusal({Kind::StructuralTag, text}), "") << text;
  }
}

TEST_F(Compiling, AsksForAConstraint) {
  const auto made = compiler().compile({});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, base::ErrorCode::Internal);
}

}  // namespace
}  // namespace shimmy::grammar
