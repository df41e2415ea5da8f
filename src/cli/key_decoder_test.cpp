#include "cli/key_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace shimmy::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<Key> keys(std::string_view bytes) {
  KeyDecoder decoder;
  decoder.push(bytes);
  std::vector<Key> result;
  while (auto key = decoder.next()) result.push_back(*key);
  return result;
}

Key text(std::string characters) { return {KeyKind::Text, std::move(characters)}; }

TEST(KeyDecoder, GivesCharacters) {
  EXPECT_THAT(keys("aé🦐"), ElementsAre(text("a"), text("é"), text("🦐")));
}

TEST(KeyDecoder, KnowsControlKeys) {
  EXPECT_THAT(keys("\r\x7f\x03\x04\x01\x05\x15\x0b\x17\x0c"),
              ElementsAre(Key{KeyKind::Enter}, Key{KeyKind::Backspace}, Key{KeyKind::Interrupt},
                          Key{KeyKind::DeleteOrEnd}, Key{KeyKind::Home}, Key{KeyKind::End},
                          Key{KeyKind::CutToStart}, Key{KeyKind::CutToEnd}, Key{KeyKind::CutWord},
                          Key{KeyKind::ClearScreen}));
}

TEST(KeyDecoder, KnowsArrowsInBothSpellings) {
  EXPECT_THAT(
      keys("\x1b[A\x1bOB\x1b[C\x1bOD"),
      ElementsAre(Key{KeyKind::Up}, Key{KeyKind::Down}, Key{KeyKind::Right}, Key{KeyKind::Left}));
  EXPECT_THAT(keys("\x1b[1;5C\x1b[1;3D\x1b"
                   "b\x1b"
                   "f"),
              ElementsAre(Key{KeyKind::WordRight}, Key{KeyKind::WordLeft}, Key{KeyKind::WordLeft},
                          Key{KeyKind::WordRight}));
  EXPECT_THAT(keys("\x1b[3~\x1b[H\x1b[4~"),
              ElementsAre(Key{KeyKind::Delete}, Key{KeyKind::Home}, Key{KeyKind::End}));
}

TEST(KeyDecoder, DropsWhatItDoesNotKnow) {
  EXPECT_THAT(keys("\x1b[15~\x1b[99;99R\x1bxa\x07"), ElementsAre(text("a")));
  EXPECT_THAT(keys("\xff\xfe"
                   "a"),
              ElementsAre(text("a")));
}

TEST(KeyDecoder, WaitsForTheRest) {
  const std::string_view bytes = "é\x1b[1;5Cx\x1b[200~1\r2\x1b[201~";
  KeyDecoder decoder;
  std::vector<Key> result;
  for (const char byte : bytes) {
    decoder.push(std::string_view(&byte, 1));
    while (auto key = decoder.next()) result.push_back(*key);
  }
  EXPECT_EQ(result, keys(bytes));
  EXPECT_THAT(result, ElementsAre(text("é"), Key{KeyKind::WordRight}, text("x"), text("1\n2")));
}

TEST(KeyDecoder, GivesAPasteAsOneText) {
  EXPECT_THAT(keys("\x1b[200~a\r\nb\nc\x03\x1b[31md\xff\x1b[201~e"),
              ElementsAre(text("a\nb\nc[31md"), text("e")));
}

TEST(KeyDecoder, TakesAltEnterAsANewLine) { EXPECT_THAT(keys("\x1b\r"), ElementsAre(text("\n"))); }

TEST(KeyDecoder, EndsASequenceThatNeverEnds) {
  EXPECT_THAT(keys("\x1b[" + std::string(100, '1')), IsEmpty());
  EXPECT_THAT(keys("\x1b[" + std::string(100, '1') + "Ab"), ElementsAre(text("b")));
}

}  // namespace
}  // namespace shimmy::cli
