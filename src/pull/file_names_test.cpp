#include "pull/file_names.h"

#include <gtest/gtest.h>

namespace shimmy::pull {
namespace {

TEST(FileNames, TellTheQuantisation) {
  EXPECT_EQ(quantization_in("Qwen3-4B-Q4_K_M.gguf"), "Q4_K_M");
  EXPECT_EQ(quantization_in("dir/model.q8_0.gguf"), "Q8_0");
  EXPECT_EQ(quantization_in("model-IQ4_XS.gguf"), "IQ4_XS");
  EXPECT_EQ(quantization_in("model-UD-Q4_K_XL-00001-of-00002.gguf"), "UD-Q4_K_XL");
  EXPECT_EQ(quantization_in("gpt-oss-20b-mxfp4.gguf"), "MXFP4");
  EXPECT_EQ(quantization_in("model-BF16.gguf"), "BF16");
  EXPECT_EQ(quantization_in("Q4_0.gguf"), "Q4_0");
  for (const std::string_view name : {"model.gguf", "Qwen.gguf", "model-instruct.gguf", ""}) {
    EXPECT_EQ(quantization_in(name), "") << name;
  }
}

TEST(FileNames, TellTheShard) {
  const gguf::ShardName shard =
      shard_name("sub/m-Q4_0-00002-of-00010.gguf").value_or(gguf::ShardName());
  EXPECT_EQ(shard.base, "sub/m-Q4_0");
  EXPECT_EQ(shard.number, 2);
  EXPECT_EQ(shard.count, 10);
  EXPECT_EQ(shard_path(shard, 1), "sub/m-Q4_0-00001-of-00010.gguf");
  for (const std::string_view name :
       {"m.gguf", "-00001-of-00002.gguf", "m-00003-of-00002.gguf", "m-00000-of-00002.gguf",
        "m-0001-of-0002.gguf", "m-00001-of-00002.bin", "m-0000a-of-00002.gguf"}) {
    EXPECT_FALSE(shard_name(name)) << name;
  }
}

TEST(FileNames, TellAProjector) {
  EXPECT_TRUE(is_projector("mmproj-model-f16.gguf"));
  EXPECT_TRUE(is_projector("model.MMPROJ-Q8_0.gguf"));
  EXPECT_FALSE(is_projector("mmproj/model.gguf"));
}

TEST(FileNames, AreMadeHarmless) {
  EXPECT_EQ(safe_path("a/b c.gguf"), "a/b_c.gguf");
  EXPECT_EQ(safe_path("../../x.gguf"), "_./_./x.gguf");
  EXPECT_EQ(safe_path("/etc//passwd"), "etc/passwd");
  EXPECT_EQ(safe_path("a/./b"), "a/_/b");
  EXPECT_EQ(safe_path("-rf/\x1b[2J\n"), "_rf/__2J_");
  EXPECT_EQ(safe_path("127.0.0.1"), "127.0.0.1");
}

TEST(FileNames, AreSafeWithoutSurprises) {
  for (const std::string_view name : {"a", "Qwen3-0.6B_x+y", "1"}) EXPECT_TRUE(is_safe_name(name));
  for (const std::string_view name :
       {"", ".", "..", ".x", "-x", "a/b", "a b", "a\\b", "ü", "a\n"}) {
    EXPECT_FALSE(is_safe_name(name)) << name;
  }
  EXPECT_FALSE(is_safe_name(std::string(300, 'a')));
}

TEST(FileNames, AreDecoded) {
  EXPECT_EQ(percent_decoded("a%20b%2Fc"), "a b/c");
  EXPECT_EQ(percent_decoded("100%"), "100%");
  EXPECT_EQ(percent_decoded("%zz%4"), "%zz%4");
}

TEST(FileNames, HaveAStem) {
  EXPECT_EQ(stem_of("a/b.Q4.GGUF"), "b.Q4");
  EXPECT_EQ(stem_of("readme.md"), "readme.md");
  EXPECT_FALSE(has_gguf_extension(".gguf"));
}

}  // namespace
}  // namespace shimmy::pull
