#include "app/kernel_use.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "gguf/tensor_types.h"
#include "kernels/cpu_level.h"

namespace shimmy::app {
namespace {

using kernels::Choice;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class KernelUseTest : public testing::Test {
 protected:
  void TearDown() override { unsetenv("SHIMMY_CPU"); }

  static gguf::Tensor matrix(std::uint32_t type, std::uint64_t rows = 32) {
    gguf::Tensor tensor;
    tensor.name = "blk.0.attn_q.weight";
    tensor.dimensions = {256, rows, 1, 1};
    tensor.dimension_count = 2;
    tensor.type = gguf::find_tensor_type(type);
    tensor.bytes = rows * (256 / 32) * 34;
    return tensor;
  }

  static constexpr std::uint32_t kF32 = 0;
  static constexpr std::uint32_t kQ80 = 8;
};

TEST_F(KernelUseTest, ParsesTheWordsOfUsers) {
  EXPECT_EQ(parse_kernels("auto"), Choice::Auto);
  EXPECT_EQ(parse_kernels("ggml"), Choice::Ggml);
  EXPECT_EQ(parse_kernels("shimmy"), Choice::Shimmy);
  for (const char* word : {"", "Auto", "ours", "ggml "}) EXPECT_FALSE(parse_kernels(word)) << word;
}

TEST_F(KernelUseTest, NothingIsPackedForTheKernelsOfGgml) {
  EXPECT_FALSE(packed_weights(Choice::Ggml));
}

TEST_F(KernelUseTest, OurKernelsPackWhatTheyMultiply) {
  setenv("SHIMMY_CPU", "scalar", 1);  // every CPU runs it
  const auto packed_bytes = packed_weights(Choice::Auto);
  ASSERT_TRUE(packed_bytes);
  EXPECT_EQ(packed_bytes(matrix(kQ80)), 256U / 32 * 34 * 32);
  EXPECT_EQ(packed_bytes(matrix(kF32)), 0U);
}

TEST_F(KernelUseTest, AMatrixIsFilledUpToWholeCells) {
  setenv("SHIMMY_CPU", "scalar", 1);
  const auto packed_bytes = packed_weights(Choice::Auto);
  ASSERT_TRUE(packed_bytes);
  EXPECT_EQ(packed_bytes(matrix(kQ80, 33)), 256U / 32 * 34 * 48);
  gguf::Tensor experts = matrix(kQ80, 33);
  experts.dimensions[2] = 4;
  experts.dimension_count = 3;
  experts.bytes *= 4;
  EXPECT_EQ(packed_bytes(experts), 4 * packed_bytes(matrix(kQ80, 33)));
}

TEST_F(KernelUseTest, NothingIsPackedWhereNoLoadCanSucceed) {
  setenv("SHIMMY_CPU", "pentium", 1);
  EXPECT_FALSE(packed_weights(Choice::Shimmy));
}

TEST_F(KernelUseTest, ExpectsTheKernelsOfTheChoice) {
  const auto ggml = expected_kernels(Choice::Ggml);
  ASSERT_TRUE(ggml);
  EXPECT_EQ(ggml->kernels, "ggml");
  EXPECT_EQ(ggml->forced, "");
  setenv("SHIMMY_CPU", "scalar", 1);
  const auto forced = expected_kernels(Choice::Shimmy);
  ASSERT_TRUE(forced);
  EXPECT_EQ(forced->kernels, "shimmy (scalar)");
  EXPECT_EQ(forced->forced, "scalar");
  EXPECT_EQ(expected_kernels(Choice::Ggml)->forced, "") << "it forces nothing";
}

TEST_F(KernelUseTest, SaysWhyNoKernelsCanRun) {
  setenv("SHIMMY_CPU", "pentium", 1);
  const auto none = expected_kernels(Choice::Auto);
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().message, HasSubstr("pentium"));
}

TEST_F(KernelUseTest, SumsUpWhatGgmlMultiplies) {
  const KernelUse use{"shimmy (avx2)",
                      "",
                      {{"a", "q8_0", ""},
                       {"b", "f32", "no kernel of ours for its type"},
                       {"c", "q8_0", ""},
                       {"d", "f32", "no kernel of ours for its type"},
                       {"e", "f16", "more than one matrix"}}};
  const auto groups = weight_groups(use);
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_THAT(groups[0].tensors, ElementsAre("a", "c"));
  EXPECT_THAT(groups[0].reason, IsEmpty());
  EXPECT_THAT(groups[1].tensors, ElementsAre("b", "d"));
  EXPECT_THAT(groups[2].tensors, ElementsAre("e"));
  EXPECT_EQ(summary(use),
            "2 of 5 matrices by shimmy (avx2); 2 by ggml: no kernel of ours for its type (f32); 1 "
            "by ggml: more than one matrix (f16)");
}

TEST_F(KernelUseTest, SumsUpWhereAllIsTaken) {
  EXPECT_EQ(summary({"shimmy (avx2)", "", {{"a", "q8_0", ""}}}),
            "1 of 1 matrices by shimmy (avx2)");
  EXPECT_EQ(summary({"ggml", "", {}}), "all matrices by ggml");
  EXPECT_THAT(weight_groups({"ggml", "", {}}), IsEmpty());
}

}  // namespace
}  // namespace shimmy::app
