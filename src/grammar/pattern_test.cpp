#include "grammar/pattern.h"

#include <gmock/gmock.h>

#include "grammar/char_set.h"
#include "grammar/matching_fixture.h"

namespace shimmy::grammar {
namespace {

using testing::HasSubstr;

class Pattern : public Matching {
 protected:
  static bool matches(const std::string& pattern, std::string_view text) {
    return accepts(compiled({Kind::Regex, pattern}), text);
  }
};

TEST_F(Pattern, KnowsLiteralsClassesGroupsAndRepetitions) {
  EXPECT_TRUE(matches("a(b|cd)*e?", "abcdbe"));
  EXPECT_TRUE(matches("(?:ab){2}", "abab"));
  EXPECT_FALSE(matches("(?:ab){2}", "ab"));
  EXPECT_TRUE(matches("a{2,}", "aaaa"));
  EXPECT_FALSE(matches("a{2,}", "a"));
  EXPECT_TRUE(matches("(?<name>a)+?", "aa"));
  EXPECT_TRUE(matches("[\\d.-]+", "1.5-2"));
  EXPECT_TRUE(matches("[^\\s]", "é"));
  EXPECT_FALSE(matches("[^\\s]", " "));
  EXPECT_TRUE(matches("\\x41\\u00e9\\.\\/\\-", "Aé./-"));
  EXPECT_TRUE(matches("[a-c\\-\\]]+", "b-]"));
  EXPECT_TRUE(matches("[-a]", "-"));
  EXPECT_TRUE(matches("a||b", ""));
  EXPECT_TRUE(matches("", ""));
}

TEST_F(Pattern, CountsAsFarAsItMay) {
  for (const std::size_t length : {0U, 99U, 100U, 101U, 250U, 300U, 301U}) {
    const std::string text(length, 'a');
    EXPECT_EQ(matches("a{250}", text), length == 250) << length;
    EXPECT_EQ(matches("a{0,300}", text), length <= 300) << length;
    EXPECT_EQ(matches("a{101,}", text), length >= 101) << length;
    EXPECT_EQ(matches("a{0}", text), length == 0) << length;
  }
}

TEST_F(Pattern, TheDotStopsAtLineEnds) {
  EXPECT_TRUE(matches(".", "é"));
  EXPECT_FALSE(matches(".", "\n"));
  EXPECT_TRUE(matches("[^]", "\n"));
}

TEST_F(Pattern, TakesAnchorsAtItsEnds) {
  EXPECT_TRUE(matches("^ab$", "ab"));
  EXPECT_TRUE(matches("^a$|^b$", "b"));
}

TEST_F(Pattern, RefusesWhatItCannotEnforce) {
  for (const auto& [pattern, reason] : std::vector<std::pair<std::string, std::string>>{
           {"(?=a)", "ahead"}, {"(?!a)", "ahead"},    {"(?<=a)", "behind"}, {"(?<!a)b", "behind"},
           {"(a)\\1", "\\1"},  {"\\bword", "\\b"},    {"\\p{L}", "\\p"},    {"\\k<a>", "\\k"},
           {"a^b", "end"},     {"a$b", "end"},        {"(^a)", "end"},      {"*a", "nothing"},
           {"a**", "nothing"}, {"(a", "("},           {"a)", ")"},          {"[a", "["},
           {"[b-a]", "range"}, {"a{3,2}", "maximum"}, {"a{x}", "{"},        {"a\\", "backslash"},
           {"[]", "class"},    {"\\xg0", "\\x"},      {"\\u12", "\\u"},     {"\xFF", "UTF-8"}}) {
    const auto made = pattern_grammar(pattern, PatternUse::WholeText);
    ASSERT_FALSE(made) << pattern << " became " << *made;
    EXPECT_THAT(made.error().message, HasSubstr(reason)) << pattern;
  }
}

TEST_F(Pattern, RefusesHostileSizes) {
  EXPECT_FALSE(pattern_grammar(std::string(100'000, 'a'), PatternUse::WholeText));
  EXPECT_FALSE(pattern_grammar(std::string(2000, '('), PatternUse::WholeText));
  EXPECT_FALSE(pattern_grammar("a{99999999999999999999}", PatternUse::WholeText));
  EXPECT_FALSE(pattern_grammar("((a{100}){100}){100}", PatternUse::WholeText));
}

TEST_F(Pattern, IsQuickWhereBacktrackingIsNot) {
  const Grammar grammar = compiled({Kind::Regex, "(a+)+b"});
  EXPECT_FALSE(accepts(grammar, std::string(200, 'a')));
  EXPECT_TRUE(accepts(grammar, std::string(200, 'a') + "b"));
  EXPECT_TRUE(accepts(compiled({Kind::Regex, "(a|b)*a(a|b){12}"}), "abaaabaabbaababa"));
}

TEST(CharSet, IsAUnionOfRangesApart) {
  CharSet set{{'d', 'f'}, {'a', 'b'}};
  set.add({'c', 'c'});
  EXPECT_EQ(set, (CharSet{{'a', 'f'}}));
  EXPECT_EQ(set.common({{'c', 'z'}}), (CharSet{{'c', 'f'}}));
  EXPECT_TRUE(set.common({{'x', 'z'}}).empty());
}

TEST(CharSet, HasNoSurrogates) {
  const CharSet all = CharSet().complement();
  EXPECT_FALSE(all.contains(0xD800));
  EXPECT_FALSE(all.contains(0xDFFF));
  EXPECT_TRUE(all.contains(0xD7FF));
  EXPECT_TRUE(all.contains(0xE000));
  EXPECT_TRUE(all.contains(kLastCharacter));
  EXPECT_TRUE(all.complement().empty());
  EXPECT_TRUE((CharSet{{0xD800, 0xD900}}).empty());
}

TEST(CharSet, DecodesCharactersOfEveryLength) {
  EXPECT_EQ(decoded("a"), U'a');
  EXPECT_EQ(decoded("é"), U'é');
  EXPECT_EQ(decoded("中"), U'中');
  EXPECT_EQ(decoded("😀"), U'😀');
}

}  // namespace
}  // namespace shimmy::grammar
