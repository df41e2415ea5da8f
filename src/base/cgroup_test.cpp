#include "base/cgroup.h"

#include <gtest/gtest.h>

#include <string_view>

#include "support/temp_dir.h"

namespace shimmy::base {
namespace {

class CgroupTree : public testing::Test {
 protected:
  CgroupLimits limits() const {
    return cgroup_limits(dir_.path() / "self", dir_.path() / "cgroup");
  }
  void self(std::string_view text) const { dir_.write("self", text); }
  void file(const std::string& name, std::string_view text) const {
    dir_.write("cgroup/" + name, text);
  }

 private:
  support::TempDir dir_;
};

TEST_F(CgroupTree, WithoutFilesSetsNoLimit) {
  EXPECT_FALSE(limits().cores);
  EXPECT_FALSE(limits().memory_bytes);
}

TEST_F(CgroupTree, ReadsTheQuotaOfTheRootAsAContainerSeesIt) {
  self("0::/\n");
  file("cpu.max", "150000 100000\n");
  EXPECT_EQ(limits().cores, 1.5);
}

TEST_F(CgroupTree, TakesMaxForNoLimit) {
  self("0::/\n");
  file("cpu.max", "max 100000\n");
  file("memory.max", "max\n");
  EXPECT_FALSE(limits().cores);
  EXPECT_FALSE(limits().memory_bytes);
}

TEST_F(CgroupTree, TakesTheTightestLimitOnTheWayToTheOwnGroup) {
  self("1:cpu:/elsewhere\n0::/system.slice/shimmy.service\n");
  file("system.slice/cpu.max", "200000 100000\n");
  file("system.slice/shimmy.service/cpu.max", "400000 100000\n");
  file("system.slice/memory.max", "8000\n");
  file("system.slice/memory.current", "7500\n");
  file("system.slice/shimmy.service/memory.max", "4000\n");
  file("system.slice/shimmy.service/memory.current", "1000\n");
  EXPECT_EQ(limits().cores, 2.0);
  EXPECT_EQ(limits().memory_bytes, 4000U);
  EXPECT_EQ(limits().memory_available_bytes, 500U);
}

TEST_F(CgroupTree, CountsFileCacheAsFree) {
  self("0::/\n");
  file("memory.max", "10000\n");
  file("memory.current", "9000\n");
  file("memory.stat", "anon 2000\nfile 7000\ninactive_file 4000\nactive_file 2500\n");
  EXPECT_EQ(limits().memory_available_bytes, 7500U);
}

TEST_F(CgroupTree, NeverCountsBelowZero) {
  self("0::/\n");
  file("memory.max", "1000\n");
  file("memory.current", "5000\n");
  EXPECT_EQ(limits().memory_available_bytes, 0U);
  file("memory.stat", "inactive_file 99999\n");
  EXPECT_EQ(limits().memory_available_bytes, 1000U);
}

TEST_F(CgroupTree, IgnoresFilesThatMakeNoSense) {
  self("0::/\n");
  for (const std::string_view text :
       {"", "\n", "0 100000", "100000 0", "-1 100000", "a b", "100000"}) {
    file("cpu.max", text);
    EXPECT_FALSE(limits().cores) << text;
  }
  file("memory.max", "lots");
  EXPECT_FALSE(limits().memory_bytes);
}

TEST_F(CgroupTree, DoesNotClimbOutOfTheTree) {
  self("0::/../outside\n");
  file("../outside/cpu.max", "100000 100000\n");
  EXPECT_FALSE(limits().cores);
}

TEST(Cgroup, OfThisProcessCanBeRead) {
  const CgroupLimits limits = cgroup_limits();
  EXPECT_GT(limits.cores.value_or(1), 0);
  EXPECT_LE(limits.memory_available_bytes, limits.memory_bytes.value_or(0));
}

}  // namespace
}  // namespace shimmy::base
