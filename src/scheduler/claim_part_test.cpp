#include "scheduler/claim_part.h"

#include <gtest/gtest.h>

#include "support/fixed_claim.h"

namespace shimmy::scheduler {
namespace {

using support::FixedClaim;

class ClaimPartTest : public testing::Test {
 protected:
  const std::shared_ptr<FixedClaim> whole_ = std::make_shared<FixedClaim>(1000, 300);
};

TEST_F(ClaimPartTest, BeginWithWhatTheWholeHolds) {
  const ClaimParts parts = split(whole_, 100);
  EXPECT_EQ(parts.first->bytes(), 200U);
  EXPECT_EQ(parts.second->bytes(), 100U);
  EXPECT_EQ(whole_->bytes(), 300U);
}

TEST_F(ClaimPartTest, TheSecondBeginsWithNoMoreThanThereIs) {
  const ClaimParts parts = split(whole_, 5000);
  EXPECT_EQ(parts.first->bytes(), 0U);
  EXPECT_EQ(parts.second->bytes(), 300U);
}

TEST_F(ClaimPartTest, AddUpToTheWhole) {
  const ClaimParts parts = split(whole_, 0);
  EXPECT_TRUE(parts.second->resize(250));
  EXPECT_EQ(whole_->bytes(), 550U);
  EXPECT_TRUE(parts.first->resize(400));
  EXPECT_EQ(whole_->bytes(), 650U);
  EXPECT_TRUE(parts.second->resize(50));
  EXPECT_EQ(whole_->bytes(), 450U);
  EXPECT_EQ(parts.first->bytes(), 400U);
}

TEST_F(ClaimPartTest, CannotHaveWhatTheOtherHolds) {
  const ClaimParts parts = split(whole_, 0);
  ASSERT_TRUE(parts.second->resize(600));
  EXPECT_EQ(parts.first->limit(), 400U);
  EXPECT_FALSE(parts.first->resize(401));
  EXPECT_EQ(parts.first->bytes(), 300U) << "nothing has changed";
  EXPECT_EQ(whole_->bytes(), 900U);
  EXPECT_TRUE(parts.first->resize(400));
}

TEST_F(ClaimPartTest, GivesItsBytesBackWhenItEnds) {
  ClaimParts parts = split(whole_, 0);
  ASSERT_TRUE(parts.second->resize(500));
  parts.second.reset();
  EXPECT_EQ(whole_->bytes(), 300U);
  EXPECT_EQ(parts.first->limit(), 1000U);
}

TEST_F(ClaimPartTest, KeepsTheWholeAsLongAsOneOfThemIsThere) {
  auto claim = std::make_shared<FixedClaim>(1000, 300);
  const std::weak_ptr<FixedClaim> watched = claim;
  ClaimParts parts = split(std::move(claim), 0);
  parts.first.reset();
  EXPECT_FALSE(watched.expired());
  parts.second.reset();
  EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace shimmy::scheduler
