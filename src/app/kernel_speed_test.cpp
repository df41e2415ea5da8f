#include "app/kernel_speed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shimmy::app {
namespace {

using testing::HasSubstr;

TEST(KernelSpeed, NamesTheTypesThatCanBeMeasured) {
  LazyBackend backend{base::Logger()};
  const auto refused = measure_kernels(backend, {.threads = 1, .types = {"q8_0", "q9"}},
                                       [](auto&&) { return true; });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().param, "type");
  EXPECT_THAT(refused.error().message, testing::AllOf(HasSubstr("q9"), HasSubstr("q4_K")));
}

TEST(KernelSpeed, EndsWhenItIsTold) {
  LazyBackend backend{base::Logger()};
  int asked = 0;
  const auto ended = measure_kernels(backend, {.threads = 1, .types = {}}, [&](auto&&) {
    ++asked;
    return false;
  });
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, base::ErrorCode::Cancelled);
  EXPECT_EQ(asked, 1);
}

}  // namespace
}  // namespace shimmy::app
