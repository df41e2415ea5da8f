#include "transfer/libcurl.h"

#include <gmock/gmock.h>

#include <array>

namespace shimmy::transfer {
namespace {

using testing::HasSubstr;

TEST(Libcurl, NamesThePackageWhereItIsMissing) {
  const auto opened = open_libcurl(std::array<const char*, 2>{"libnobody.so.1", "libno.so.2"});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, base::ErrorCode::Io);
  EXPECT_THAT(opened.error().message, HasSubstr("apt-get install libcurl4"));
  EXPECT_THAT(opened.error().message, HasSubstr("libnobody.so.1"));
}

TEST(Libcurl, SaysThatAnotherLibraryIsTooOld) {
  const auto opened = open_libcurl(std::array<const char*, 1>{"libm.so.6"});
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("too old"));
}

TEST(Libcurl, IsOpenedOnce) {
  const auto first = libcurl();
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(*libcurl(), *first);
  EXPECT_NE((*first)->multi_poll, nullptr);
}

}  // namespace
}  // namespace shimmy::transfer
