#include "llama/batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shimmy::llama {
namespace {

using testing::ElementsAre;

TEST(Batch, KeepsRowsInOrder) {
  Batch batch(4);
  EXPECT_TRUE(batch.add(7, 0, 1, false));
  EXPECT_TRUE(batch.add(8, 1, 1, true));
  EXPECT_THAT(batch.tokens(), ElementsAre(7, 8));
  EXPECT_THAT(batch.positions(), ElementsAre(0, 1));
  EXPECT_THAT(batch.sequences(), ElementsAre(1, 1));
  EXPECT_THAT(batch.logit_flags(), ElementsAre(0, 1));
  EXPECT_EQ(batch.outputs(), 1U);
  EXPECT_FALSE(batch.wants_logits(0));
  EXPECT_TRUE(batch.wants_logits(1));
}

TEST(Batch, RefusesARowBeyondItsCapacity) {
  Batch batch(1);
  EXPECT_TRUE(batch.add(1, 0, 0, true));
  EXPECT_FALSE(batch.add(2, 1, 0, true));
  EXPECT_EQ(batch.size(), 1U);
  EXPECT_EQ(batch.outputs(), 1U);
}

TEST(Batch, DoesNotMoveItsRowsWhileItFills) {
  Batch batch(100);
  batch.add(1, 0, 0, false);
  const Token* first = batch.tokens().data();
  while (batch.add(1, 0, 0, false)) {
  }
  EXPECT_EQ(batch.tokens().data(), first);
  EXPECT_EQ(batch.size(), batch.capacity());
}

TEST(Batch, IsEmptyAfterClear) {
  Batch batch(2);
  batch.add(1, 0, 0, true);
  batch.clear();
  EXPECT_EQ(batch.size(), 0U);
  EXPECT_EQ(batch.outputs(), 0U);
  EXPECT_TRUE(batch.add(1, 0, 0, true));
}

}  // namespace
}  // namespace shimmy::llama
