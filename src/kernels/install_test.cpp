#include "kernels/install.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "kernels/cpu_level.h"
#include "kernels/ggml_hook.h"

namespace shimmy::kernels {
namespace {

using testing::HasSubstr;

class Install : public testing::Test {
 protected:
  void TearDown() override {
    unsetenv("SHIMMY_CPU");
    if (is_hooked()) use_level(supported_levels().back());
  }
};

TEST_F(Install, NamesTheInstructionSetThatRuns) {
  ASSERT_TRUE(install(Choice::Shimmy));
  EXPECT_EQ(description(), "shimmy (" + std::string(name(supported_levels().back())) + ")");
}

TEST_F(Install, ObeysTheEnvironment) {
  for (const CpuLevel level : supported_levels()) {
    setenv("SHIMMY_CPU", std::string(name(level)).c_str(), 1);
    ASSERT_TRUE(install(Choice::Auto));
    EXPECT_EQ(description(), "shimmy (" + std::string(name(level)) + ")");
  }
}

TEST_F(Install, RefusesAnUnknownInstructionSet) {
  setenv("SHIMMY_CPU", "pentium", 1);
  const auto refused = install(Choice::Auto);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("pentium"));
}

TEST_F(Install, TwiceKeepsWhatWasCounted) {
  ASSERT_TRUE(install(Choice::Auto));
  const Usage before = usage();
  ASSERT_TRUE(install(Choice::Auto));
  EXPECT_EQ(usage().products, before.products);
  EXPECT_EQ(usage().weight_bytes, before.weight_bytes);
}

}  // namespace
}  // namespace shimmy::kernels
