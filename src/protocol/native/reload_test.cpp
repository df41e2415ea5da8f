#include "protocol/native/reload.h"

#include <gtest/gtest.h>

namespace shimmy::protocol::native {
namespace {

TEST(Reload, NamesWhatActsAndWhatWaits) {
  EXPECT_EQ(encode_reload({.changed = {"access.api_keys"}, .needs_restart = {"server.port"}}),
            R"({"message":"1 setting has changed.","status":"success",)"
            R"("changed":["access.api_keys"],"needs_restart":["server.port"]})");
  EXPECT_EQ(encode_reload({}),
            R"({"message":"Nothing has changed that acts while the server runs.",)"
            R"("status":"success","changed":[],"needs_restart":[]})");
}

}  // namespace
}  // namespace shimmy::protocol::native
