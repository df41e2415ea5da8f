#include "kernels/parallel.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>

namespace shimmy::kernels {
namespace {

TEST(InParallel, CallsEachIndexOnce) {
  for (const std::size_t threads : {0U, 1U, 2U, 3U, 100U}) {
    std::array<std::atomic<int>, 20> calls{};
    in_parallel(3, 20, threads, [&](std::size_t index) { ++calls.at(index); });
    for (std::size_t i = 0; i < calls.size(); ++i) EXPECT_EQ(calls.at(i), i < 3 ? 0 : 1) << i;
  }
}

TEST(InParallel, DoesNothingForAnEmptyRange) {
  in_parallel(5, 5, 4, [](std::size_t) { FAIL(); });
}

}  // namespace
}  // namespace shimmy::kernels
