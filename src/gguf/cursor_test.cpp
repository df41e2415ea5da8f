#include "gguf/cursor.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "support/gguf_writer.h"

namespace shimmy::gguf {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

TEST(Cursor, ReadsNumbersLittleEndian) {
  const std::string bytes("\x01\x02\x03\x04\xff", 5);
  Cursor cursor(bytes_of(bytes));
  EXPECT_EQ(cursor.read<std::uint32_t>(), 0x04030201U);
  EXPECT_EQ(cursor.read<std::int8_t>(), -1);
  EXPECT_EQ(cursor.remaining(), 0U);
}

TEST(Cursor, ReadsNothingPastTheEnd) {
  const std::string bytes = "abc";
  Cursor cursor(bytes_of(bytes));
  EXPECT_FALSE(cursor.read<std::uint32_t>());
  EXPECT_EQ(cursor.position(), 0U);
  EXPECT_EQ(cursor.read<std::uint16_t>(), 0x6261U);
}

TEST(Cursor, ReadsFloats) {
  const std::string bytes("\x00\x00\x80\x3f", 4);
  Cursor cursor(bytes_of(bytes));
  EXPECT_EQ(cursor.read<float>(), 1.0F);
}

TEST(Cursor, TakesWhatIsLeftAndNotMore) {
  const std::string bytes = "abcd";
  Cursor cursor(bytes_of(bytes));
  EXPECT_FALSE(cursor.take(5));
  EXPECT_FALSE(cursor.take(std::numeric_limits<std::uint64_t>::max()));
  EXPECT_EQ(cursor.take(4)->size(), 4U);
  EXPECT_EQ(cursor.take(0)->size(), 0U);
  EXPECT_FALSE(cursor.take(1));
}

TEST(Cursor, ReadsStringsInPlace) {
  const std::string bytes = support::gguf_string("hello") + support::gguf_string("");
  Cursor cursor(bytes_of(bytes));
  const auto text = cursor.read_string();
  EXPECT_EQ(text, "hello");
  EXPECT_EQ(text->data(), bytes.data() + 8);
  EXPECT_EQ(cursor.read_string(), "");
}

TEST(Cursor, StaysWhereItIsWhenAStringDoesNotFit) {
  const std::string bytes = support::gguf_u64(1ULL << 63) + "hello";
  Cursor cursor(bytes_of(bytes));
  EXPECT_FALSE(cursor.read_string());
  EXPECT_EQ(cursor.position(), 0U);
}

TEST(Cursor, HandlesNoBytesAtAll) {
  Cursor cursor({});
  EXPECT_FALSE(cursor.read<std::uint8_t>());
  EXPECT_FALSE(cursor.read_string());
  EXPECT_EQ(cursor.remaining(), 0U);
}

}  // namespace
}  // namespace shimmy::gguf
