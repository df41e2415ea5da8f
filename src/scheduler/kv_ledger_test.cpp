#include "scheduler/kv_ledger.h"

#include <gtest/gtest.h>

namespace shimmy::scheduler {
namespace {

TEST(KvLedger, HandsOutTheLowestFreeId) {
  KvLedger ledger(3, 100);
  EXPECT_EQ(ledger.acquire(10), 0);
  EXPECT_EQ(ledger.acquire(10), 1);
  EXPECT_EQ(ledger.acquire(10), 2);
  ledger.release(1);
  ledger.release(0);
  EXPECT_EQ(ledger.acquire(10), 0);
  EXPECT_EQ(ledger.acquire(10), 1);
}

TEST(KvLedger, RefusesWhenIdsAreUsedUp) {
  KvLedger ledger(1, 100);
  EXPECT_TRUE(ledger.acquire(1));
  EXPECT_FALSE(ledger.acquire(1));
}

TEST(KvLedger, RefusesWhenCellsAreUsedUpAndChangesNothing) {
  KvLedger ledger(4, 100);
  EXPECT_TRUE(ledger.acquire(90));
  EXPECT_FALSE(ledger.acquire(11));
  EXPECT_EQ(ledger.used(), 90U);
  EXPECT_EQ(ledger.acquire(10), 1);
  EXPECT_EQ(ledger.available(), 0U);
}

TEST(KvLedger, GrowsOnlyWhileCellsLast) {
  KvLedger ledger(2, 100);
  const auto id = ledger.acquire(40);
  ASSERT_TRUE(ledger.acquire(50));
  EXPECT_TRUE(ledger.grow(*id, 50));
  EXPECT_FALSE(ledger.grow(*id, 51));
  EXPECT_EQ(ledger.used(), 100U);
}

TEST(KvLedger, NeverShrinksByGrowing) {
  KvLedger ledger(1, 100);
  const auto id = ledger.acquire(40);
  EXPECT_TRUE(ledger.grow(*id, 10));
  EXPECT_EQ(ledger.used(), 40U);
}

TEST(KvLedger, HasMoreRoomWhenTheCacheGrew) {
  KvLedger ledger(2, 100);
  const auto id = ledger.acquire(100);
  EXPECT_FALSE(ledger.grow(*id, 150));
  ledger.resize(200);
  EXPECT_TRUE(ledger.grow(*id, 150));
  EXPECT_EQ(ledger.owned(*id), 150U);
  EXPECT_EQ(ledger.available(), 50U);
}

TEST(KvLedger, GivesEverythingBackOnRelease) {
  KvLedger ledger(2, 100);
  const auto id = ledger.acquire(40);
  ASSERT_TRUE(ledger.grow(*id, 70));
  ledger.release(*id);
  EXPECT_EQ(ledger.used(), 0U);
  EXPECT_EQ(ledger.available(), ledger.capacity());
}

}  // namespace
}  // namespace shimmy::scheduler
