#include "base/guarded.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

namespace shimmy::base {
namespace {

TEST(Guarded, StartsWithTheValueItIsGiven) {
  const Guarded<std::string> guarded("hello");
  EXPECT_EQ(guarded.copy(), "hello");
  EXPECT_EQ(Guarded<int>().copy(), 0);
}

TEST(Guarded, LetsUseChangeTheValueAndReturnsItsResult) {
  Guarded<std::vector<int>> guarded;
  const std::size_t size = guarded.with([](std::vector<int>& items) {
    items.push_back(7);
    return items.size();
  });
  EXPECT_EQ(size, 1U);
  EXPECT_EQ(guarded.copy(), std::vector<int>{7});
}

TEST(Guarded, IsReadOnlyWhenConst) {
  const Guarded<int> guarded(3);
  const bool is_const = guarded.with(
      [](auto& value) { return std::is_const_v<std::remove_reference_t<decltype(value)>>; });
  EXPECT_TRUE(is_const);
}

TEST(Guarded, HoldsWhatCannotBeCopied) {
  Guarded<std::unique_ptr<int>> guarded(std::make_unique<int>(4));
  EXPECT_EQ(guarded.with([](auto& value) { return *value; }), 4);
}

TEST(Guarded, ReleasesItsLockWhenUseThrows) {
  Guarded<int> guarded(1);
  EXPECT_THROW(guarded.with([](int&) { throw std::runtime_error("x"); }), std::runtime_error);
  EXPECT_EQ(guarded.copy(), 1);
}

TEST(Guarded, LosesNoChangeBetweenThreads) {
  Guarded<int> guarded(0);
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 5000; ++i) guarded.with([](int& value) { ++value; });
      });
    }
  }
  EXPECT_EQ(guarded.copy(), 20000);
}

}  // namespace
}  // namespace shimmy::base
