#include "base/machine.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "support/busy_core.h"

namespace shimmy::base {
namespace {

TEST(Machine, HasAtLeastOneCoreAndNoMoreThanAreThere) {
  EXPECT_GE(usable_cores(), 1U);
  EXPECT_LE(usable_cores(), static_cast<std::size_t>(sysconf(_SC_NPROCESSORS_CONF)));
}

TEST(Machine, CountsOnlyTheCoresOfTheAffinityMask) {
  std::size_t seen = 0;
  std::jthread([&seen] {
    support::stay_on_core(support::own_cores().front());
    seen = usable_cores();
  }).join();
  EXPECT_EQ(seen, 1U);
}

TEST(Machine, HasSomeMemoryAndNotMoreAvailableThanInAll) {
  const Memory memory = machine_memory();
  EXPECT_GT(memory.total_bytes, 64U << 20);
  EXPECT_GT(memory.available_bytes, 0U);
  EXPECT_LE(memory.available_bytes, memory.total_bytes);
}

TEST(Machine, SeesThisProcessGrow) {
  const std::uint64_t before = resident_bytes();
  const std::vector<char> block(64U << 20, 'x');
  const std::uint64_t after = resident_bytes();
  EXPECT_GE(after, before + (60U << 20));
  EXPECT_GE(peak_resident_bytes(), after);
  EXPECT_EQ(block.back(), 'x');
}

// Otherwise this test could not run either: it is built with the same instruction sets.
TEST(Machine, LacksNothingThatThisBuildNeeds) { EXPECT_EQ(missing_cpu_features(), ""); }

}  // namespace
}  // namespace shimmy::base
