#include "protocol/openai/errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shimmy::protocol::openai {
namespace {

using base::ErrorCode;
using testing::HasSubstr;

TEST(OpenAiErrors, MapEveryCode) {
  struct Case {
    ErrorCode error;
    int status;
    const char* type;
    const char* code;
  };
  constexpr const char* invalid = "\"invalid_request_error\"";
  constexpr const char* server = "\"server_error\"";
  for (const Case& each :
       {Case{ErrorCode::InvalidRequest, 400, invalid, "null"},
        Case{ErrorCode::ModelNotFound, 404, invalid, "\"model_not_found\""},
        Case{ErrorCode::ContextOverflow, 400, invalid, "\"context_length_exceeded\""},
        Case{ErrorCode::Overloaded, 503, server, "\"server_overloaded\""},
        Case{ErrorCode::Unavailable, 503, server, "\"server_overloaded\""},
        Case{ErrorCode::Cancelled, 499, invalid, "\"cancelled\""},
        Case{ErrorCode::DeadlineExceeded, 504, server, "\"deadline_exceeded\""},
        Case{ErrorCode::ModelLoadFailed, 500, server, "\"model_load_failed\""},
        Case{ErrorCode::GenerationFailed, 500, server, "\"generation_failed\""},
        Case{ErrorCode::Io, 500, server, "null"}, Case{ErrorCode::Internal, 500, server, "null"}}) {
    const ErrorReply reply = encode_error({each.error, "m", {}, {}});
    EXPECT_EQ(reply.status, each.status) << each.code;
    EXPECT_EQ(reply.body, std::string(R"({"error":{"message":"m","type":)") + each.type +
                              R"(,"param":null,"code":)" + each.code + R"(,"details":null}})");
    EXPECT_EQ(reply.retry_after_seconds > 0, each.status == 503) << each.code;
  }
}

TEST(OpenAiErrors, PreferTheFinerReason) {
  EXPECT_EQ(encode_error({ErrorCode::InvalidRequest, "m", "d", "p[0]", "invalid_type"}).body,
            R"({"error":{"message":"m","type":"invalid_request_error","param":"p[0]",)"
            R"("code":"invalid_type","details":"d"}})");
}

TEST(OpenAiErrors, CoverWhatHttpFinds) {
  for (const auto& [status, code] :
       {std::pair{404, "\"unknown_url\""}, std::pair{405, "\"method_not_supported\""},
        std::pair{413, "\"request_too_large\""}, std::pair{401, "\"invalid_api_key\""},
        std::pair{429, "\"rate_limit_exceeded\""}, std::pair{503, "\"server_overloaded\""},
        std::pair{408, "null"}, std::pair{500, "null"}}) {
    const ErrorReply reply = encode_http_error(status, "m");
    EXPECT_EQ(reply.status, status);
    EXPECT_THAT(reply.body, HasSubstr(std::string("\"code\":") + code)) << status;
    EXPECT_EQ(reply.retry_after_seconds > 0, status == 429 || status == 503) << status;
  }
}

TEST(OpenAiErrors, FitIntoAStream) {
  EXPECT_EQ(encode_stream_error({ErrorCode::GenerationFailed, "a\nb", {}, {}}),
            "data: {\"error\":{\"message\":\"a\\nb\",\"type\":\"server_error\",\"param\":null,"
            "\"code\":\"generation_failed\",\"details\":null}}\n\n");
}

TEST(OpenAiErrors, WordContextOverflowAsClientsExpect) {
  const base::Error error = context_overflow(8192, 20019);
  EXPECT_EQ(error.message,
            "This model's maximum context length is 8192 tokens. However, your messages resulted "
            "in 20019 tokens. Please reduce the length of the messages.");
  EXPECT_EQ(error.param, "messages");
  EXPECT_EQ(encode_error(error).status, 400);
}

}  // namespace
}  // namespace shimmy::protocol::openai
