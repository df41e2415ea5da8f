#include "protocol/native/load_request.h"

#include <gtest/gtest.h>

namespace shimmy::protocol::native {
namespace {

TEST(LoadRequest, AsksForNothingWithoutABody) {
  for (const char* body : {"", "{}", R"({"pin":null,"unknown":1})"}) {
    const auto request = decode_load_request(body);
    ASSERT_TRUE(request) << body;
    EXPECT_FALSE(request->context_tokens);
    EXPECT_FALSE(request->pinned);
    EXPECT_FALSE(request->keep_alive_seconds);
    EXPECT_FALSE(request->stream);
  }
}

TEST(LoadRequest, ReadsEveryField) {
  const auto request = decode_load_request(
      R"({"context":4096,"parallel":4,"cache_type_k":"q8_0","cache_type_v":"f16",)"
      R"("gpu_layers":-1,"pin":true,"keep_alive":"10m","stream":true})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->context_tokens, 4096U);
  EXPECT_EQ(request->parallel, 4U);
  EXPECT_EQ(request->key_type, generation::CacheType::Q80);
  EXPECT_EQ(request->value_type, generation::CacheType::F16);
  EXPECT_EQ(request->gpu_layers, -1);
  EXPECT_EQ(request->pinned, true);
  EXPECT_EQ(request->keep_alive_seconds, 600);
  EXPECT_TRUE(request->stream);
}

TEST(LoadRequest, TakesOtherNamesForTheContext) {
  EXPECT_EQ(decode_load_request(R"({"ctx":2048})")->context_tokens, 2048U);
  EXPECT_EQ(decode_load_request(R"({"num_ctx":2048})")->context_tokens, 2048U);
  EXPECT_EQ(decode_load_request(R"({"context":1,"num_ctx":2048})")->context_tokens, 1U);
}

TEST(LoadRequest, RefusesWhatIsNoSuchThing) {
  for (const auto& [body, param] :
       {std::pair{R"({"context":0})", "context"}, std::pair{R"({"context":"big"})", "context"},
        std::pair{R"({"ctx":0})", "ctx"}, std::pair{R"({"num_ctx":1.5})", "num_ctx"},
        std::pair{R"({"parallel":257})", "parallel"},
        std::pair{R"({"cache_type_k":"q9"})", "cache_type_k"},
        std::pair{R"({"cache_type_v":8})", "cache_type_v"},
        std::pair{R"({"gpu_layers":-2})", "gpu_layers"}, std::pair{R"({"pin":"yes"})", "pin"},

        std::pair{R"({"keep_alive":"soon"})", "keep_alive"},
        std::pair{R"({"stream":1})", "stream"}}) {
    const auto request = decode_load_request(body);
    ASSERT_FALSE(request) << body;
    EXPECT_EQ(request.error().code, base::ErrorCode::InvalidRequest) << body;
    EXPECT_EQ(request.error().param, param) << body;
  }
}

TEST(LoadRequest, RefusesWhatIsNoObject) {
  for (const char* body : {"[]", "x", "{", "\"context\""}) EXPECT_FALSE(decode_load_request(body));
}

}  // namespace
}  // namespace shimmy::protocol::native
