#include "protocol/native/model_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shimmy::protocol::native {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(ModelStatus, SaysHowALoadedModelStands) {
  EXPECT_EQ(
      encode_status({.name = "smol",
                     .state = "ready",
                     .is_loaded = true,
                     .progress = 1,
                     .weights_bytes = 100,
                     .kv_cache_bytes = 20,
                     .compute_bytes = 3,
                     .active = 2,
                     .queued = 1,
                     .context_tokens = 2048,
                     .context_limit = 8192,
                     .context_used = 12,
                     .last_used = 1'795'235'379,
                     .keep_alive_seconds = 300,
                     .pinned = true,
                     .shares_with = {"pirate", "a\"b"},
                     .prefill_tokens_per_second = 1830.25,
                     .decode_tokens_per_second = 210}),
      R"({"status":"ready","name":"smol","model":"smol","state":"ready","loaded":true,)"
      R"("progress":1.00,"reason":null,"memory":{"weights_bytes":100,"kv_cache_bytes":20,)"
      R"("compute_bytes":3,"total_bytes":123},"requests":{"active":2,"queued":1},)"
      R"("context":{"tokens":2048,"limit":8192,"used":12},"last_used":1795235379,)"
      R"("keep_alive_seconds":300,"pinned":true,"shares_memory_with":["pirate","a\"b"],"speed":{"prefill_tokens_per_second":1830.2,)"
      R"("decode_tokens_per_second":210.0}})");
}

TEST(ModelStatus, SaysNullForWhatThereIsNot) {
  const std::string status = encode_status({.name = "a/\"b", .state = "unloaded"});
  EXPECT_THAT(status, HasSubstr(R"("name":"a/\"b","model":"a/\"b","state":"unloaded")"));
  EXPECT_THAT(status, HasSubstr(R"("last_used":null,"keep_alive_seconds":null)"));
  EXPECT_THAT(status, HasSubstr(R"("shares_memory_with":[])"));
  EXPECT_THAT(encode_status({.name = "x", .state = "failed", .reason = "No room."}),
              HasSubstr(R"("reason":"No room.")"));
}

TEST(ModelStatus, IsPartOfAnOutcome) {
  EXPECT_THAT(encode_outcome("The model x is loaded.", {.name = "x", .state = "ready"}),
              StartsWith(R"({"message":"The model x is loaded.","status":"success","name":"x",)"));
}

TEST(ModelStatus, ComesAsEvents) {
  EXPECT_EQ(encode_event(encode_progress("loading", 0.424)),
            "data: {\"state\":\"loading\",\"progress\":0.42}\n\n");
}

}  // namespace
}  // namespace shimmy::protocol::native
