#include "protocol/openai/absent_surfaces.h"

#include <gtest/gtest.h>

namespace shimmy::protocol::openai {
namespace {

TEST(AbsentSurface, IsNamedByItsPath) {
  EXPECT_EQ(absent_surface("/v1/images/generations"), "images");
  EXPECT_EQ(absent_surface("/v1/fine_tuning/jobs/1/cancel"), "fine-tuning");
  EXPECT_EQ(absent_surface("/v1/files"), "files");
}

TEST(AbsentSurface, IsNothingElse) {
  EXPECT_EQ(absent_surface("/v1/imagesx"), "");
  EXPECT_EQ(absent_surface("/v1"), "");
  EXPECT_EQ(absent_surface("/images"), "");
}

}  // namespace
}  // namespace shimmy::protocol::openai
