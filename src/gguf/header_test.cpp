#include "gguf/header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "gguf/parsed_for_test.h"
#include "support/temp_dir.h"

namespace shimmy::gguf {
namespace {

using namespace std::string_literals;
using support::gguf_u32;
using support::gguf_u64;
using support::GgufWriter;
using support::small_model;
using testing::HasSubstr;
using testing::StartsWith;

TEST(Header, AcceptsASoundFile) {
  const std::string bytes = small_model().bytes();
  const auto header = parsed(bytes);
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(header->version, 3U);
  EXPECT_EQ(header->alignment, 32U);
  EXPECT_EQ(header->file_bytes, bytes.size());
  EXPECT_EQ(header->architecture, "llama");
  EXPECT_EQ(header->kind, FileKind::Model);
  EXPECT_EQ(header->metadata.entries().size(), 15U);
  EXPECT_EQ(header->tensors.size(), 2U);
  EXPECT_TRUE(header->warnings.empty());
}

TEST(Header, RefusesTheFileCutShortAnywhere) {
  const std::string bytes = small_model().bytes();
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const std::string message = refusal(bytes.substr(0, length));
    EXPECT_NE(message, "accepted") << "at " << length;
    EXPECT_GT(message.size(), 20U) << "at " << length;
  }
}

TEST(Header, AcceptsBytesAfterTheLastTensor) {
  EXPECT_EQ(refusal(small_model().bytes() + "padding"), "accepted");
}

TEST(Header, JudgesTensorsByTheSizeOfTheWholeFile) {
  const std::string bytes = small_model().bytes();
  const std::string head = small_model().header_bytes();
  EXPECT_TRUE(parse_header(std::as_bytes(std::span(head)), bytes.size()));
  EXPECT_FALSE(parse_header(std::as_bytes(std::span(head)), bytes.size() - 1));
  EXPECT_TRUE(parse_header(std::as_bytes(std::span(head)), ~0ULL));
}

TEST(Header, AcceptsVersionsTwoAndThreeAlone) {
  const auto with_version = [](std::uint32_t version) {
    return refusal(GgufWriter(version).text("general.architecture", "llama"));
  };
  EXPECT_THAT(with_version(0), HasSubstr("GGUF version 0: 2 and 3 are supported"));
  EXPECT_THAT(with_version(1), HasSubstr("GGUF version 1, which is no longer supported: convert"));
  EXPECT_EQ(with_version(2), "accepted");
  EXPECT_EQ(with_version(3), "accepted");
  EXPECT_THAT(with_version(4), HasSubstr("GGUF version 4: 2 and 3 are supported"));
}

TEST(Header, SaysThatABigEndianFileIsOne) {
  for (const std::uint32_t version : {0x01000000U, 0x02000000U, 0x03000000U}) {
    EXPECT_THAT(refusal(GgufWriter(version)), HasSubstr("is a big-endian GGUF file"));
  }
}

TEST(Header, RefusesCountsOfTwoToThe63) {
  EXPECT_THAT(refusal("GGUF" + gguf_u32(3) + gguf_u64(0) + gguf_u64(1ULL << 63)),
              HasSubstr("9223372036854775808 keys"));
  EXPECT_THAT(refusal("GGUF" + gguf_u32(3) + gguf_u64(1ULL << 63) + gguf_u64(0)),
              HasSubstr("9223372036854775808 tensors"));
}

TEST(Header, RefusesOtherFilesByName) {
  EXPECT_THAT(refusal("\xff\xd8\xff\xe0\0\x10JFIF"s), HasSubstr("not a GGUF model but a JPEG"));
  EXPECT_THAT(refusal(std::string(100, '\0')), HasSubstr("full of zeros"));
  EXPECT_THAT(refusal("\x01\x02\x03\x04"), HasSubstr("it begins with '\\x01\\x02\\x03\\x04'"));
}

TEST(Header, SaysThatAFileEndsInsideTheMagic) {
  EXPECT_THAT(refusal("GG"), HasSubstr("ends after 2 bytes"));
}

TEST(Header, RefusesWrongAlignments) {
  const auto with_alignment = [](std::uint32_t alignment) {
    return refusal(
        GgufWriter().text("general.architecture", "llama").u32("general.alignment", alignment));
  };
  for (const std::uint32_t wrong : {0U, 1U, 4U, 7U, 33U, 48U, 0xffffffffU}) {
    EXPECT_THAT(with_alignment(wrong), HasSubstr("a power of two from 8 on is expected")) << wrong;
  }
  EXPECT_EQ(with_alignment(4096), "accepted");
  EXPECT_EQ(with_alignment(0x80000000U), "accepted");
  EXPECT_THAT(refusal(GgufWriter().u64("general.alignment", 32)),
              HasSubstr("'general.alignment' is of type uint64: uint32 is expected"));
}

TEST(Header, RefusesAFileWithoutAnArchitecture) {
  EXPECT_THAT(refusal(GgufWriter().text("general.name", "x")),
              HasSubstr("'general.architecture' is missing"));
}

TEST(Header, RefusesArchitecturesThatAreNoNames) {
  for (const std::string& name : {""s, "a b"s, "%s%n"s, "a\nb"s, "../x"s, std::string(65, 'a')}) {
    EXPECT_THAT(refusal(GgufWriter().text("general.architecture", name)),
                HasSubstr("'general.architecture' is '"))
        << name;
  }
}

TEST(Header, TellsKindsOfFilesApart) {
  const auto kind_of = [](GgufWriter writer) {
    const std::string bytes = writer.bytes();
    return parsed(bytes)->kind;
  };
  const auto file = [](std::string_view architecture) {
    return GgufWriter().text("general.architecture", architecture);
  };
  EXPECT_EQ(kind_of(file("llama")), FileKind::Model);
  EXPECT_EQ(kind_of(file("llama").text("general.type", "model")), FileKind::Model);
  EXPECT_EQ(kind_of(file("llama").text("general.type", "adapter")), FileKind::Adapter);
  EXPECT_EQ(kind_of(file("llama").text("adapter.type", "lora")), FileKind::Adapter);
  EXPECT_EQ(kind_of(file("clip")), FileKind::Projector);
  EXPECT_EQ(kind_of(file("clip").text("general.type", "mmproj")), FileKind::Projector);
  EXPECT_EQ(kind_of(file("llama").text("general.type", "imatrix")), FileKind::Other);
  EXPECT_EQ(name(FileKind::Projector), "projector");
}

TEST(Header, ReadsShards) {
  const std::string bytes =
      small_model().u16("split.no", 0).u16("split.count", 3).i32("split.tensors.count", 9).bytes();
  const auto header = parsed(bytes);
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(header->shard.index, 0U);
  EXPECT_EQ(header->shard.count, 3U);
  EXPECT_EQ(header->shard.all_tensors, 9U);
}

TEST(Header, AsksNoArchitectureOfLaterShards) {
  EXPECT_EQ(refusal(GgufWriter().u16("split.no", 2).u16("split.count", 3)), "accepted");
}

TEST(Header, RefusesShardsBeyondTheirCount) {
  EXPECT_THAT(refusal(GgufWriter().u16("split.no", 3).u16("split.count", 3)),
              HasSubstr("'split.no' is 3, but 'split.count' is 3"));
  EXPECT_THAT(refusal(GgufWriter().u16("split.no", 1)), HasSubstr("'split.count' is 0"));
}

TEST(Header, RefusesShardNumbersOfATypeThatLibllamaAbortsOver) {
  EXPECT_THAT(refusal(GgufWriter().u32("split.no", 1).u16("split.count", 3)),
              HasSubstr("'split.no' is of type uint32: uint16 is expected"));
}

TEST(Header, NamesTheFileInFrontOfWhatIsWrong) {
  const support::TempDir dir;
  const auto path = dir.write("photo.gguf", "\xff\xd8\xff\xe0");
  const auto header = read_header(path);
  ASSERT_FALSE(header);
  EXPECT_EQ(header.error().code, base::ErrorCode::ModelLoadFailed);
  EXPECT_EQ(header.error().message,
            path.string() + " cannot be used as a model: it is not a GGUF model but a JPEG image.");
}

TEST(Header, RefusesWhatIsNoFile) {
  const support::TempDir dir;
  EXPECT_THAT(read_header(dir.path()).error().message, HasSubstr("is a directory"));
  EXPECT_EQ(read_header(dir.path() / "missing").error().code, base::ErrorCode::Io);
}

TEST(Header, KeepsTheFileMappedForItsViews) {
  const support::TempDir dir;
  auto header = read_header(dir.write("model.gguf", small_model().bytes()));
  ASSERT_TRUE(header) << header.error().message;
  const Header moved = std::move(*header);
  EXPECT_EQ(moved.architecture, "llama");
  EXPECT_EQ(moved.tensors[1].name, "output_norm.weight");
}

// No header may make it throw, crash or read beyond its bytes, whatever a bit that falls over does.
TEST(Header, SurvivesEveryFlippedBit) {
  const std::string sound = small_model().bytes();
  const std::size_t head = small_model().header_bytes().size();
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < head * 8; ++bit) {
    std::string bytes = sound;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    refused += refusal(bytes) == "accepted" ? 0U : 1U;
  }
  EXPECT_GT(refused, head);
}

GgufWriter large_model() {
  std::vector<std::string> tokens;
  std::vector<std::string> merges;
  for (int i = 0; i < 49152; ++i) {
    tokens.push_back("token" + std::to_string(i));
    merges.push_back("to ken" + std::to_string(i));
  }
  GgufWriter writer;
  writer.text("general.architecture", "llama")
      .text("tokenizer.ggml.model", "gpt2")
      .texts("tokenizer.ggml.tokens", tokens)
      .i32s("tokenizer.ggml.token_type", std::vector<std::int32_t>(tokens.size(), 1))
      .texts("tokenizer.ggml.merges", merges);
  for (int i = 0; i < 195; ++i) writer.u32("llama.key_" + std::to_string(i), 1);
  for (int i = 0; i < 272; ++i) {
    writer.tensor("blk." + std::to_string(i) + ".weight", {32}, support::kQ8_0,
                  std::string(34, '\0'));
  }
  return writer;
}

TEST(Header, ReadsALargeVocabularyQuickly) {
  const support::TempDir dir;
  const auto path = dir.write("large.gguf", large_model().bytes());
  auto best = std::chrono::steady_clock::duration::max();
  for (int i = 0; i < 5; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const auto header = read_header(path);
    best = std::min(best, std::chrono::steady_clock::now() - start);
    ASSERT_TRUE(header) << header.error().message;
  }
  EXPECT_LT(best, std::chrono::milliseconds(500)) << "sanitizers included";
}

TEST(Header, ChecksAMillionTokensForDuplicatesInLinearTime) {
  std::vector<std::string> tokens;
  for (int i = 0; i < 1000000; ++i) tokens.push_back(std::to_string(i));
  tokens.back() = "7";
  const std::string bytes = GgufWriter()
                                .text("general.architecture", "llama")
                                .text("tokenizer.ggml.model", "gpt2")
                                .texts("tokenizer.ggml.tokens", tokens)
                                .bytes();
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THAT(refusal(bytes), HasSubstr("tokens 7 and 999999 of the vocabulary are both '7'"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

}  // namespace
}  // namespace shimmy::gguf
