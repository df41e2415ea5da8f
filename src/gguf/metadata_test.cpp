#include "gguf/metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "gguf/parsed_for_test.h"

namespace shimmy::gguf {
namespace {

using support::gguf_string;
using support::gguf_u32;
using support::gguf_u64;
using support::GgufType;
using support::GgufWriter;
using testing::HasSubstr;

constexpr std::uint64_t kHuge = 1ULL << 63;

std::string array_bytes(GgufType element, std::uint64_t count, std::string_view elements) {
  return gguf_u32(static_cast<std::uint32_t>(element)) + gguf_u64(count) + std::string(elements);
}

GgufWriter with_array(GgufType element, std::uint64_t count, std::string_view elements) {
  return GgufWriter().raw("list", GgufType::Array, array_bytes(element, count, elements));
}

TEST(Metadata, DecodesEveryScalarType) {
  const std::string bytes = support::small_model()
                                .raw("a.u8", GgufType::Uint8, "\xff")
                                .raw("a.i8", GgufType::Int8, "\xff")
                                .u16("a.u16", 65535)
                                .raw("a.i16", GgufType::Int16, "\xfe\xff")
                                .i32("a.i32", -7)
                                .u64("a.u64", kHuge)
                                .raw("a.i64", GgufType::Int64, gguf_u64(kHuge))
                                .f32("a.f32", 1.5F)
                                .raw("a.f64", GgufType::Float64, gguf_u64(0x3ff8000000000000ULL))
                                .boolean("a.bool", true)
                                .bytes();
  const auto header = parsed(bytes);
  ASSERT_TRUE(header) << header.error().message;
  const Metadata& metadata = header->metadata;
  EXPECT_EQ(metadata.unsigned_at("a.u8"), 255U);
  EXPECT_EQ(std::get<std::int64_t>(metadata.find("a.i8")->content), -1);
  EXPECT_EQ(metadata.unsigned_at("a.u16"), 65535U);
  EXPECT_EQ(std::get<std::int64_t>(metadata.find("a.i16")->content), -2);
  EXPECT_EQ(std::get<std::int64_t>(metadata.find("a.i32")->content), -7);
  EXPECT_EQ(metadata.unsigned_at("a.u64"), kHuge);
  EXPECT_FALSE(metadata.unsigned_at("a.i64"));
  EXPECT_EQ(std::get<double>(metadata.find("a.f32")->content), 1.5);
  EXPECT_EQ(std::get<double>(metadata.find("a.f64")->content), 1.5);
  EXPECT_EQ(metadata.bool_at("a.bool"), true);
  EXPECT_EQ(metadata.find("a.f64")->type, ValueType::Float64);
}

TEST(Metadata, AnswersNothingForMissingKeysAndOtherKinds) {
  const std::string bytes = support::small_model().bytes();
  const auto header = parsed(bytes);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->metadata.find("missing"), nullptr);
  EXPECT_FALSE(header->metadata.unsigned_at("general.name"));
  EXPECT_FALSE(header->metadata.string_at("general.file_type"));
  EXPECT_FALSE(header->metadata.bool_at("general.name"));
  EXPECT_EQ(header->metadata.array_at("general.name"), nullptr);
}

TEST(Metadata, KeepsTheOrderOfTheFile) {
  const std::string bytes = support::small_model().bytes();
  const auto header = parsed(bytes);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->metadata.entries().front().key, "general.architecture");
  EXPECT_EQ(header->metadata.entries().back().key, "tokenizer.chat_template");
}

TEST(Metadata, LeavesArraysWhereTheyAre) {
  const std::string bytes = support::small_model().bytes();
  const auto header = parsed(bytes);
  ASSERT_TRUE(header);
  const Array* tokens = header->metadata.array_at("tokenizer.ggml.tokens");
  ASSERT_NE(tokens, nullptr);
  EXPECT_EQ(tokens->element, ValueType::String);
  EXPECT_EQ(tokens->count, 4U);
  std::vector<std::string> texts;
  for_each_string(*tokens, [&](std::string_view text) { texts.emplace_back(text); });
  EXPECT_THAT(texts, testing::ElementsAre("<s>", "</s>", "a", "b"));
  EXPECT_EQ(element_u32(*header->metadata.array_at("tokenizer.ggml.token_type"), 2), 1U);
}

TEST(Metadata, AcceptsArraysOfEveryElementType) {
  for (std::uint32_t type = 0; type < kValueTypes; ++type) {
    if (type == static_cast<std::uint32_t>(ValueType::Array)) continue;
    auto writer = support::small_model();
    const std::string elements = type == static_cast<std::uint32_t>(ValueType::String)
                                     ? gguf_string("x") + gguf_string("")
                                     : std::string(16, '\0');
    const std::size_t width = fixed_bytes(static_cast<ValueType>(type));
    writer.raw("list", GgufType::Array,
               array_bytes(static_cast<GgufType>(type), 2,
                           width == 0 ? elements : elements.substr(0, 2 * width)));
    EXPECT_EQ(refusal(writer), "accepted") << type;
  }
}

TEST(Metadata, AcceptsAnEmptyArray) {
  EXPECT_EQ(refusal(support::small_model().texts("general.tags", {})), "accepted");
}

TEST(Metadata, RefusesMoreKeysThanTheFileCanHold) {
  EXPECT_THAT(refusal(GgufWriter().text("k", "v").claim_keys(3)),
              HasSubstr("claims 3 keys, but 1 are the most"));
  EXPECT_THAT(refusal(GgufWriter().claim_keys(kHuge)), HasSubstr("claims 9223372036854775808"));
  EXPECT_THAT(refusal(GgufWriter().claim_keys(~0ULL)), HasSubstr("claims 18446744073709551615"));
}

TEST(Metadata, RefusesMoreKeysThanLibllamaCanCompare) {
  GgufWriter writer;
  for (int i = 0; i < 65537; ++i) writer.u32(std::to_string(i), 0);
  EXPECT_THAT(refusal(writer), HasSubstr("claims 65537 keys, but 65536 are the most"));
}

TEST(Metadata, RefusesAKeyThatIsTooLong) {
  EXPECT_THAT(refusal(GgufWriter().u32(std::string(65536, 'k'), 1)),
              HasSubstr("the name of key 0 at byte 24 is 65536 bytes long, but at most 65535"));
}

TEST(Metadata, RefusesAKeyOfLengthTwoToThe63) {
  const std::string bytes = GgufWriter().claim_keys(1).bytes() + gguf_u64(kHuge) + "kkkkkkkkkkkk";
  EXPECT_THAT(refusal(bytes), HasSubstr("9223372036854775808 bytes long"));
}

TEST(Metadata, RefusesAnEmptyKey) {
  EXPECT_THAT(refusal(GgufWriter().u64("", 1)), HasSubstr("key 0 has an empty name"));
}

TEST(Metadata, RefusesControlCharactersAndBrokenUtf8InKeys) {
  EXPECT_THAT(refusal(GgufWriter().u32("a\x1b[31m", 1)), HasSubstr("'a\\x1b[31m'"));
  EXPECT_THAT(refusal(GgufWriter().u32(std::string_view("a\0b", 3), 1)), HasSubstr("'a\\x00b'"));
  EXPECT_THAT(refusal(GgufWriter().u32("a\xff", 1)), HasSubstr("'a\\xff'"));
}

TEST(Metadata, RefusesAKeyThatComesTwice) {
  EXPECT_THAT(refusal(GgufWriter().u32("same", 1).u32("other", 1).u32("same", 2)),
              HasSubstr("keys 0 and 2 are both named 'same'"));
}

TEST(Metadata, RefusesUnknownTypes) {
  EXPECT_THAT(refusal(GgufWriter().raw("k", 13, "12345678")),
              HasSubstr("key 'k' has the unknown type 13: 0 to 12 are defined"));
  EXPECT_THAT(refusal(GgufWriter().raw("k", 0xffffffff, "12345678")), HasSubstr("4294967295"));
  EXPECT_THAT(refusal(with_array(static_cast<GgufType>(99), 1, "12345678")),
              HasSubstr("unknown element type 99"));
}

TEST(Metadata, RefusesNestedArrays) {
  const std::string inner = array_bytes(GgufType::Uint8, 1, "x");
  EXPECT_THAT(refusal(with_array(GgufType::Array, 1, inner)),
              HasSubstr("key 'list' is an array of arrays"));
}

TEST(Metadata, RefusesAStringOfLengthTwoToThe63) {
  EXPECT_THAT(refusal(GgufWriter().raw("k", GgufType::String, gguf_u64(kHuge) + "text")),
              HasSubstr("the value of key 0 at byte 37 is 9223372036854775808 bytes long"));
}

TEST(Metadata, RefusesAStringThatEndsBeyondTheFile) {
  EXPECT_THAT(refusal(GgufWriter().raw("k", GgufType::String, gguf_u64(100) + "text")),
              HasSubstr("needs 100 bytes, but the file ends after 4"));
}

TEST(Metadata, RefusesArraysThatClaimMoreThanThereIs) {
  EXPECT_THAT(refusal(with_array(GgufType::Uint32, 3, "12345678")),
              HasSubstr("key 'list' claims 3 elements of type uint32, but the rest of the file "
                        "holds at most 2"));
  for (const GgufType type : {GgufType::Uint8, GgufType::Uint64, GgufType::String}) {
    EXPECT_THAT(refusal(with_array(type, kHuge, "12345678")),
                HasSubstr("claims 9223372036854775808"));
    EXPECT_THAT(refusal(with_array(type, 1ULL << 61, "12345678")), HasSubstr("claims 2305843009"));
  }
}

TEST(Metadata, RefusesAHugeStringInsideAnArray) {
  EXPECT_THAT(refusal(with_array(GgufType::String, 2, gguf_string("ok") + gguf_u64(kHuge))),
              HasSubstr("key 'list': the text of element 1"));
  EXPECT_THAT(refusal(with_array(GgufType::String, 2, gguf_string("ok") + gguf_u64(9) + "short")),
              HasSubstr("needs 9 bytes, but the file ends after 5"));
}

TEST(Metadata, RefusesBoolsThatAreNeitherTrueNorFalse) {
  EXPECT_THAT(refusal(GgufWriter().raw("k", GgufType::Bool, "\x02")),
              HasSubstr("key 'k' is a bool of value 2: only 0 and 1"));
  EXPECT_THAT(refusal(with_array(GgufType::Bool, 3, std::string_view("\1\0\x80", 3))),
              HasSubstr("holds a bool of value 128"));
}

}  // namespace
}  // namespace shimmy::gguf
