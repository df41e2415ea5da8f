#include "models/describe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "support/temp_dir.h"

namespace shimmy::models {
namespace {

using base::ErrorCode;
using testing::ElementsAre;
using testing::HasSubstr;

// Every file is a model whose parameters are its size.
base::Result<FileFacts> facts(const std::filesystem::path& file) {
  FileFacts result;
  result.architecture = "llama";
  result.parameters = std::filesystem::file_size(file);
  result.quantization = "Q4_1";
  result.context_tokens = 2048;
  return result;
}

TEST(Describe, TakesNameFromFileAndFactsFromHeader) {
  const support::TempDir temp;
  const auto described = describe(temp.write("Tiny.Q4_1.gguf", "1234567"), facts);
  ASSERT_TRUE(described) << described.error().message;
  EXPECT_EQ(described->entry.name, "Tiny.Q4_1");
  EXPECT_EQ(described->entry.size_bytes, 7U);
  EXPECT_EQ(described->entry.parameters, 7U);
  EXPECT_EQ(described->entry.architecture, "llama");
  EXPECT_EQ(described->entry.quantization, "Q4_1");
  EXPECT_EQ(described->entry.context_tokens, 2048U);
  EXPECT_GT(described->entry.modified, 1'000'000'000);
}

TEST(Describe, FoldsShardsWhicheverIsNamed) {
  const support::TempDir temp;
  temp.write("big-00001-of-00002.gguf", "12");
  const auto second = temp.write("big-00002-of-00002.gguf", "345");
  const auto described = describe(second, facts);
  ASSERT_TRUE(described) << described.error().message;
  EXPECT_EQ(described->entry.name, "big");
  EXPECT_EQ(described->entry.path, temp.path() / "big-00001-of-00002.gguf");
  EXPECT_EQ(described->entry.size_bytes, 5U);
  EXPECT_EQ(described->entry.parameters, 5U);
}

TEST(Describe, NamesMissingShards) {
  const support::TempDir temp;
  const auto first = temp.write("big-00001-of-00003.gguf", "12");
  const auto described = describe(first, facts);
  ASSERT_FALSE(described);
  EXPECT_EQ(described.error().code, ErrorCode::ModelLoadFailed);
  EXPECT_THAT(described.error().message,
              HasSubstr("big-00002-of-00003.gguf, big-00003-of-00003.gguf are missing"));
}

TEST(Describe, CountsManyMissingShards) {
  const support::TempDir temp;
  const auto described = describe(temp.write("big-00007-of-99999.gguf", "12"), facts);
  ASSERT_FALSE(described);
  EXPECT_THAT(described.error().message, HasSubstr("and 99995 more are missing"));
  EXPECT_LT(described.error().message.size(), 400U);
}

// Shard 1 of 3 is a file with the text "1", and so on.
base::Result<FileFacts> numbered(const std::filesystem::path& file) {
  FileFacts result;
  std::ifstream(file) >> result.shard_index;
  result.parameters = 100 + result.shard_index--;
  result.shard_count = 3;
  return result;
}

TEST(Describe, PutsShardsOfAnyNameInTheirOrder) {
  const support::TempDir temp;
  const auto third = temp.write("sha256-a", "3");
  const auto first = temp.write("sha256-b", "1");
  const auto second = temp.write("sha256-c", "2");
  const auto described = describe({third, first, second}, numbered);
  ASSERT_TRUE(described) << described.error().message;
  EXPECT_EQ(described->entry.path, first);
  EXPECT_THAT(described->entry.more_files, ElementsAre(second, third));
  EXPECT_EQ(described->entry.parameters, 306U);
  EXPECT_EQ(described->entry.size_bytes, 3U);
}

TEST(Describe, NamesTheFileThatIsNotTheShardThatIsWanted) {
  const support::TempDir temp;
  const auto first = temp.write("sha256-a", "1");
  const auto again = temp.write("sha256-b", "1");
  const auto third = temp.write("sha256-c", "3");
  const auto twice = describe({first, again, third}, numbered);
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, ErrorCode::ModelLoadFailed);
  EXPECT_THAT(twice.error().message, HasSubstr("sha256-b says that it is file 1 of 3"));
  const auto too_few = describe({first, third}, numbered);
  ASSERT_FALSE(too_few);
  EXPECT_THAT(too_few.error().message, HasSubstr("2 files were given"));
}

TEST(Describe, RefusesFilesThatAreNoShards) {
  const support::TempDir temp;
  const auto described = describe({temp.write("a", "12"), temp.write("b", "345")}, facts);
  ASSERT_FALSE(described);
  EXPECT_THAT(described.error().message, HasSubstr("file 1 of 1 of a model: 2 files were given"));
}

TEST(Describe, RefusesAShardThatHasLostItsName) {
  const support::TempDir temp;
  const auto described = describe(temp.write("big.gguf", "2"), numbered);
  ASSERT_FALSE(described);
  EXPECT_EQ(described.error().code, ErrorCode::ModelLoadFailed);
  EXPECT_THAT(described.error().message, HasSubstr("big.gguf is file 2 of 3 of a model"));
  EXPECT_THAT(described.error().message, HasSubstr("Name it big-00002-of-00003.gguf"));
}

TEST(Describe, RefusesDirectory) {
  const support::TempDir temp;
  const auto described = describe(temp.path(), facts);
  ASSERT_FALSE(described);
  EXPECT_EQ(described.error().code, ErrorCode::InvalidRequest);
  EXPECT_THAT(described.error().message, HasSubstr("is a directory"));
  EXPECT_THAT(described.error().message, HasSubstr("--model-dir " + temp.path().string()));
}

TEST(Describe, RefusesMissingFile) {
  const auto described = describe("/nowhere/m.gguf", facts);
  ASSERT_FALSE(described);
  EXPECT_EQ(described.error().code, ErrorCode::ModelNotFound);
  EXPECT_THAT(described.error().message, HasSubstr("/nowhere/m.gguf"));
}

TEST(Describe, RefusesPipeWithoutOpeningIt) {
  const support::TempDir temp;
  const auto pipe = temp.path() / "pipe.gguf";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const auto described = describe(pipe, facts);
  ASSERT_FALSE(described);
  EXPECT_THAT(described.error().message, HasSubstr("not a regular file"));
}

TEST(Describe, RefusesPathThroughFile) {
  const support::TempDir temp;
  const auto described = describe(temp.write("m.gguf", "1") / "below.gguf", facts);
  ASSERT_FALSE(described);
  EXPECT_THAT(described.error().message, HasSubstr("cannot be read: Not a directory"));
}

TEST(Describe, PassesTheReadersReasonOn) {
  const support::TempDir temp;
  const auto described =
      describe(temp.write("m.gguf", "1"), [](const auto&) -> base::Result<FileFacts> {
        return base::fail(ErrorCode::ModelLoadFailed, "It is a JPEG.");
      });
  ASSERT_FALSE(described);
  EXPECT_EQ(described.error().message, "It is a JPEG.");
}

}  // namespace
}  // namespace shimmy::models
