#include "kernels/shared_loop.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace shimmy::kernels {
namespace {

// How often each item was used.
std::vector<int> uses(SharedLoop& loop, std::size_t items, std::size_t threads) {
  std::vector<std::atomic<int>> counts(items);
  std::vector<std::jthread> pool;
  pool.reserve(threads);
  for (std::size_t thread = 0; thread < threads; ++thread) {
    pool.emplace_back([&, thread] {
      loop.run(items, thread, threads, [&](std::size_t first, std::size_t last, std::size_t) {
        for (std::size_t i = first; i < last; ++i) ++counts[i];
      });
    });
  }
  pool.clear();
  return {counts.begin(), counts.end()};
}

TEST(SharedLoop, UsesEachItemOnce) {
  for (const std::size_t threads : {1U, 2U, 3U, 8U}) {
    for (const std::size_t items : {0U, 1U, 2U, 5U, 64U, 1000U}) {
      SharedLoop loop;
      EXPECT_EQ(uses(loop, items, threads), std::vector<int>(items, 1)) << items << " " << threads;
    }
  }
}

TEST(SharedLoop, CanBeRunAgain) {
  SharedLoop loop;
  for (int i = 0; i < 100; ++i) EXPECT_EQ(uses(loop, 37, 3), std::vector<int>(37, 1));
}

TEST(SharedLoop, TellsWhereTheNextPieceBegins) {
  SharedLoop loop;
  std::size_t expected = 0;
  loop.run(100, 0, 1, [&](std::size_t first, std::size_t last, std::size_t next) {
    EXPECT_EQ(first, expected);
    EXPECT_LT(first, last);
    EXPECT_EQ(next, last);
    expected = next;
  });
  EXPECT_EQ(expected, 100U);
}

// Who comes late finds little left.
TEST(SharedLoop, LeavesALateThreadItsFirstPieceOnly) {
  SharedLoop loop;
  std::size_t early = 0;
  std::size_t late = 0;
  loop.run(1000, 0, 2,
           [&](std::size_t first, std::size_t last, std::size_t) { early += last - first; });
  loop.run(1000, 1, 2,
           [&](std::size_t first, std::size_t last, std::size_t) { late += last - first; });
  EXPECT_EQ(early + late, 1000U);
  EXPECT_LT(late, 250U);
}

}  // namespace
}  // namespace shimmy::kernels
