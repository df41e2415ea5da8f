#include "protocol/native/health.h"

#include <gtest/gtest.h>

namespace shimmy::protocol::native {
namespace {

TEST(NativeHealth, BeginsWithTheDocumentedKeys) {
  EXPECT_EQ(encode_health({.status = "healthy",
                           .models_loaded = 1,
                           .memory_bytes = 2'100'000'000,
                           .uptime_seconds = 7,
                           .version = "0.1.0"}),
            R"({"status":"healthy","models_loaded":1,"memory_usage":"2.1GB",)"
            R"("memory_bytes":2100000000,"uptime_seconds":7,"service":"shimmy",)"
            R"("version":"0.1.0"})");
}

}  // namespace
}  // namespace shimmy::protocol::native
