#include "gguf/compute_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gguf/parsed_for_test.h"

namespace shimmy::gguf {
namespace {

using support::GgufWriter;
using testing::HasSubstr;

constexpr std::uint32_t kI32 = 26;

std::string judged(std::string_view name, const std::vector<std::uint64_t>& dimensions,
                   std::uint32_t type, std::string_view architecture = "llama") {
  return refusal(GgufWriter()
                     .text("general.architecture", architecture)
                     .tensor(name, dimensions, type, std::string(1024, '\0')));
}

TEST(ComputeCheck, DemandsF32OfNormsAndBiases) {
  EXPECT_EQ(judged("output_norm.weight", {64}, support::kF32), "accepted");
  EXPECT_THAT(judged("output_norm.weight", {64}, support::kF16),
              HasSubstr("'output_norm.weight' is of type F16: F32 is expected"));
  EXPECT_THAT(judged("blk.0.attn_q.bias", {64}, support::kQ4_0), HasSubstr("is of type Q4_0"));
}

TEST(ComputeCheck, RefusesWeightsOfIntegers) {
  EXPECT_THAT(judged("token_embd.weight", {8, 2}, kI32),
              HasSubstr("weights must be F32, F16, BF16 or quantised"));
}

TEST(ComputeCheck, AcceptsTablesOfIntegers) {
  EXPECT_EQ(judged("d2t", {8}, kI32), "accepted");
  EXPECT_EQ(judged("blk.0.ffn_gate_tid2eid.weight", {8, 2}, kI32), "accepted");
}

TEST(ComputeCheck, LeavesOtherKindsOfFilesAlone) {
  EXPECT_EQ(judged("v.norm.weight", {64}, support::kF16, "clip"), "accepted");
}

}  // namespace
}  // namespace shimmy::gguf
