#include "generation/event.h"

#include <gtest/gtest.h>

namespace shimmy::generation {
namespace {

TEST(FinishReason, HasTheNamesThatClientsKnow) {
  EXPECT_EQ(name(FinishReason::Stop), "stop");
  EXPECT_EQ(name(FinishReason::Length), "length");
}

TEST(Event, IsFinalUnlessItIsText) {
  EXPECT_FALSE(is_final(TextEvent{"hello", {}}));
  EXPECT_FALSE(is_final(TextEvent{}));
  EXPECT_FALSE(is_final(PromptEvent{}));
  EXPECT_TRUE(is_final(FinishedEvent{}));
  EXPECT_TRUE(is_final(base::Error{}));
}

}  // namespace
}  // namespace shimmy::generation
