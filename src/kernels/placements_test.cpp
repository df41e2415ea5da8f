#include "kernels/placements.h"

#include <gtest/gtest.h>

#include <thread>

namespace shimmy::kernels {
namespace {

TEST(PlacementRecord, HandsOutWhatWasAddedInOrderAndOnce) {
  PlacementRecord record;
  EXPECT_TRUE(record.add("blk.0.attn_q.weight", "q4_1", ""));
  EXPECT_TRUE(record.add("output.weight", "f32", "no kernel of ours for its type"));
  const std::vector<Placement> expected = {
      {"blk.0.attn_q.weight", "q4_1", ""},
      {"output.weight", "f32", "no kernel of ours for its type"}};
  EXPECT_EQ(record.take(), expected);
  EXPECT_TRUE(record.take().empty());
}

TEST(PlacementRecord, DropsWhatIsSaidAgain) {
  PlacementRecord record;
  EXPECT_TRUE(record.add("a", "q4_0", ""));
  EXPECT_FALSE(record.add("a", "q4_0", ""));
  EXPECT_TRUE(record.add("a", "q8_0", ""));
  EXPECT_TRUE(record.add("b", "q8_0", ""));
  EXPECT_TRUE(record.add("b", "q8_0", "a view"));
  EXPECT_EQ(record.take().size(), 4U);
}

TEST(PlacementRecord, StopsGrowingWhenNobodyAsks) {
  PlacementRecord record;
  for (int i = 0; i < 70000; ++i) record.add(std::to_string(i), "q4_0", "");
  EXPECT_EQ(record.take().size(), 65536U);
  EXPECT_TRUE(record.add("next", "q4_0", ""));
}

TEST(PlacementRecord, TakesAdditionsOfSeveralThreads) {
  PlacementRecord record;
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&record, thread] {
        for (int i = 0; i < 100; ++i)
          record.add(std::to_string(thread) + "." + std::to_string(i), "f16", "");
      });
    }
  }
  EXPECT_EQ(record.take().size(), 400U);
}

}  // namespace
}  // namespace shimmy::kernels
