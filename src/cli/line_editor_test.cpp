#include "cli/line_editor.h"

#include <gtest/gtest.h>

namespace shimmy::cli {
namespace {

using State = LineEditor::State;

class LineEditorTest : public testing::Test {
 protected:
  void type(std::string_view bytes) {
    KeyDecoder decoder;
    decoder.push(bytes);
    while (const auto key = decoder.next()) state_ = editor_.press(*key);
  }

  const std::vector<std::string> history_{"first", "second"};
  LineEditor editor_{"> ", history_};
  State state_ = State::Editing;
};

TEST_F(LineEditorTest, TakesTextUntilEnter) {
  type("héllo");
  EXPECT_EQ(state_, State::Editing);
  type("\r");
  EXPECT_EQ(state_, State::Done);
  EXPECT_EQ(editor_.text(), "héllo");
}

TEST_F(LineEditorTest, EditsWholeCharacters) {
  type("aé🦐\x7f\x7f");
  EXPECT_EQ(editor_.text(), "a");
  type("é\x1b[D\x1b[3~b");
  EXPECT_EQ(editor_.text(), "ab");
  type("\x7f\x7f\x7f\x7f");
  EXPECT_EQ(editor_.text(), "");
}

TEST_F(LineEditorTest, InsertsWhereTheCursorIs) {
  type(
      "bd\x01"
      "a\x1b[Cc\x05"
      "e");
  EXPECT_EQ(editor_.text(), "abcde");
}

TEST_F(LineEditorTest, MovesByWordsAndCutsThem) {
  type(
      "one two  three\x1b"
      "b\x1b"
      "b>\x1b"
      "f<");
  EXPECT_EQ(editor_.text(), "one >two<  three");
  type("\x05\x17");
  EXPECT_EQ(editor_.text(), "one >two<  ");
  type("\x17\x15");
  EXPECT_EQ(editor_.text(), "");
}

TEST_F(LineEditorTest, CutsToBothEnds) {
  type("abcd\x1b[D\x1b[D\x0b");
  EXPECT_EQ(editor_.text(), "ab");
  type("cd\x1b[D\x15");
  EXPECT_EQ(editor_.text(), "d");
}

TEST_F(LineEditorTest, RecallsEarlierLinesAndComesBack) {
  type("draft\x1b[A");
  EXPECT_EQ(editor_.text(), "second");
  type("\x1b[A\x1b[A\x1b[A");
  EXPECT_EQ(editor_.text(), "first");
  type("\x1b[B\x1b[B\x1b[B");
  EXPECT_EQ(editor_.text(), "draft");
}

TEST_F(LineEditorTest, EndsOnlyOnAnEmptyLine) {
  type("ab\x01\x04");
  EXPECT_EQ(state_, State::Editing);
  EXPECT_EQ(editor_.text(), "b");
  type("\x04\x04");
  EXPECT_EQ(state_, State::Ended);
}

TEST_F(LineEditorTest, TellsAnInterrupt) {
  type("ab\x03");
  EXPECT_EQ(state_, State::Interrupted);
}

TEST_F(LineEditorTest, DrawsThePromptTheTextAndTheCursor) {
  type("abc\x1b[D");
  EXPECT_EQ(editor_.draw(80), "\r\x1b[J> abc\r\x1b[4C");
}

TEST_F(LineEditorTest, DrawsOverSeveralRows) {
  type("abcdefghij");
  EXPECT_EQ(editor_.draw(5), "\r\x1b[J> abcdefghij\r\x1b[2C") << "the cursor is in the third row";
  EXPECT_EQ(editor_.draw(5), "\r\x1b[2A\x1b[J> abcdefghij\r\x1b[2C");
  type("\x01");
  EXPECT_EQ(editor_.draw(5), "\r\x1b[2A\x1b[J> abcdefghij\x1b[2A\r\x1b[2C");
}

TEST_F(LineEditorTest, GoesOnWhereARowIsFull) {
  type("abc");
  EXPECT_EQ(editor_.draw(5), "\r\x1b[J> abc\r\n\r");
}

TEST_F(LineEditorTest, ShowsLinesOfAPasteInOne) {
  type("\x1b[200~a\nb\tc\x1b[201~");
  EXPECT_EQ(editor_.text(), "a\nb\tc");
  EXPECT_EQ(editor_.draw(80), "\r\x1b[J> a↵b c\r\x1b[7C");
}

TEST_F(LineEditorTest, ClearsTheScreenOnce) {
  type("a\x0c");
  EXPECT_EQ(editor_.draw(80).substr(0, 7), "\x1b[H\x1b[2J");
  EXPECT_EQ(editor_.draw(80).substr(0, 1), "\r");
}

TEST_F(LineEditorTest, LeavesTheWholeTextBehind) {
  type("abc\x01");
  editor_.draw(80);
  EXPECT_EQ(editor_.leave(80), "\r\x1b[J> abc\r\x1b[5C\r\n");
}

TEST_F(LineEditorTest, SurvivesATerminalWithoutWidth) {
  type("abc");
  EXPECT_NE(editor_.draw(0), "");
}

}  // namespace
}  // namespace shimmy::cli
