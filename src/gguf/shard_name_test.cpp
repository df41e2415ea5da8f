#include "gguf/shard_name.h"

#include <gtest/gtest.h>

namespace shimmy::gguf {
namespace {

TEST(ShardName, ReadsNumberAndCount) {
  const auto shard = parse_shard_name("big-Q4_K_M-00002-of-00005");
  ASSERT_TRUE(shard);
  EXPECT_EQ(shard->base, "big-Q4_K_M");
  EXPECT_EQ(shard->number, 2U);
  EXPECT_EQ(shard->count, 5U);
}

TEST(ShardName, WritesTheOthers) {
  const auto shard = parse_shard_name("big-00002-of-00012");
  ASSERT_TRUE(shard);
  EXPECT_EQ(shard_stem(*shard, 1), "big-00001-of-00012");
  EXPECT_EQ(shard_stem(*shard, 12), "big-00012-of-00012");
}

class NoShardName : public testing::TestWithParam<const char*> {};

TEST_P(NoShardName, IsRefused) { EXPECT_FALSE(parse_shard_name(GetParam())); }

INSTANTIATE_TEST_SUITE_P(Names, NoShardName,
                         testing::Values("", "model", "-00001-of-00002", "m-00000-of-00002",
                                         "m-00003-of-00002", "m-1-of-2", "m-0000a-of-00002",
                                         "m-00001-of-0000x", "m-00001_of-00002", "m_00001-of-00002",
                                         "m-+0001-of-00002", "m-00001-of-000020"));

}  // namespace
}  // namespace shimmy::gguf
