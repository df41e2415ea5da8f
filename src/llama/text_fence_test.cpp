#include "llama/text_fence.h"

#include <gtest/gtest.h>

namespace shimmy::llama {
namespace {

// The runs of `rendered`; those of the conversation in brackets.
std::string runs(std::string_view rendered, bool from_content = false) {
  std::vector<TemplatePart> parts;
  append_unfenced(parts, rendered, from_content);
  std::string line;
  for (const TemplatePart& part : parts) {
    EXPECT_FALSE(part.text.empty());
    line += part.from_content ? "[" + part.text + "]" : part.text;
  }
  return line;
}

TEST(TextFence, LeavesEverydayTextAlone) {
  const std::string text = "Hello, World! It's 1+1=2 (really); a/b: c_d?\n\t\"*\\";
  EXPECT_EQ(fence(text), text);
  EXPECT_EQ(fence(""), "");
}

TEST(TextFence, TellsMarkedTextFromTheTemplates) {
  EXPECT_EQ(runs("<|a|>" + fence("<|b|>") + "<|c|>"), "<|a|>[<|]b[|>]<|c|>");
}

TEST(TextFence, KeepsWholeCharacters) { EXPECT_EQ(runs(fence("é<｜x▁")), "[é<｜]x[▁]"); }

TEST(TextFence, FindsMarksThatWereEscaped) {
  EXPECT_EQ(runs("\"\\ufdd0<x\\ufdd0>\""), "\"[<]x[>]\"");
}

TEST(TextFence, TakesTheMarksOutOfTextThatIsKnownToBeForeign) {
  EXPECT_EQ(runs(fence("a<b"), true), "[a<b]");
}

TEST(TextFence, SurvivesCutsAnywhere) {
  const std::string marked = fence("<|x|>");
  for (std::size_t i = 0; i <= marked.size(); ++i) {
    const std::string line = runs(marked.substr(i)) + runs(marked.substr(0, i));
    EXPECT_FALSE(line.contains("<|x|>")) << i;
  }
}

TEST(TextFence, KeepsItsOwnMark) { EXPECT_EQ(runs(fence("\xEF\xB7\x90")), "[\xEF\xB7\x90]"); }

TEST(TextFence, LeavesReasoningTagsInAnswersAlone) {
  EXPECT_EQ(fence_answer("<think>x</think>"), "<think>x</think>");
  EXPECT_EQ(runs(fence_answer("</think><|")), "</think>[<|]");
  EXPECT_NE(fence("<think>"), "<think>");
}

}  // namespace
}  // namespace shimmy::llama
