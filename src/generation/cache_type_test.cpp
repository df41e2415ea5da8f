#include "generation/cache_type.h"

#include <gtest/gtest.h>

namespace shimmy::generation {
namespace {

TEST(CacheType, ReadsTheNamesThatItWrites) {
  for (const std::string_view name : kCacheTypeNames) {
    const auto type = parse_cache_type(name);
    ASSERT_TRUE(type) << name;
    EXPECT_EQ(name_of(*type), name);
  }
  EXPECT_EQ(parse_cache_type("q8_0"), CacheType::Q80);
}

TEST(CacheType, HasNoOtherNames) {
  for (const char* name : {"", "Q8_0", "q8", "f16 ", "iq4_nl"}) {
    EXPECT_FALSE(parse_cache_type(name)) << name;
  }
}

}  // namespace
}  // namespace shimmy::generation
