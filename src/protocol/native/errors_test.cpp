#include "protocol/native/errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shimmy::protocol::native {
namespace {

using base::ErrorCode;
using testing::HasSubstr;

TEST(NativeErrors, HaveTheDocumentedCodes) {
  struct Case {
    ErrorCode error;
    int status;
    const char* code;
  };
  for (const Case& each :
       {Case{ErrorCode::InvalidRequest, 400, "invalid_request"},
        Case{ErrorCode::ContextOverflow, 400, "invalid_request"},
        Case{ErrorCode::ModelNotFound, 404, "model_not_found"},
        Case{ErrorCode::Overloaded, 503, "server_error"},
        Case{ErrorCode::Unavailable, 503, "server_error"},
        Case{ErrorCode::Cancelled, 499, "invalid_request"},
        Case{ErrorCode::DeadlineExceeded, 504, "generation_failed"},
        Case{ErrorCode::GenerationFailed, 500, "generation_failed"},
        Case{ErrorCode::ModelLoadFailed, 500, "server_error"},
        Case{ErrorCode::Io, 500, "server_error"}, Case{ErrorCode::Internal, 500, "server_error"}}) {
    const ErrorReply reply = encode_error({each.error, "m", {}, {}});
    EXPECT_EQ(reply.status, each.status) << each.code;
    EXPECT_THAT(reply.body, HasSubstr(std::string("\"code\":\"") + each.code + "\""));
    EXPECT_EQ(reply.retry_after_seconds > 0, each.status == 503) << each.code;
  }
}

TEST(NativeErrors, HaveTheWholeEnvelope) {
  EXPECT_EQ(
      encode_error({ErrorCode::ModelNotFound, "No such model.", "Model 'x' is not here.", ""}).body,
      R"({"error":{"message":"No such model.","type":"invalid_request_error","param":"model",)"
      R"("code":"model_not_found","details":"Model 'x' is not here."}})");
}

TEST(NativeErrors, NameTheFieldOfAModelThatIsNotThere) {
  EXPECT_THAT(encode_error({ErrorCode::ModelNotFound, "m", {}, "name"}).body,
              HasSubstr(R"("param":"name")"));
  EXPECT_THAT(encode_error({ErrorCode::Internal, "m", {}, {}}).body, HasSubstr(R"("param":null)"));
}

TEST(NativeErrors, TellWhatOtherServersSay) {
  const ErrorReply forbidden = encode_error({ErrorCode::Io, "m", {}, {}, "forbidden"});
  EXPECT_EQ(forbidden.status, 403);
  EXPECT_THAT(forbidden.body, HasSubstr(R"("param":"model","code":"invalid_request")"));
  const ErrorReply strange = encode_error({ErrorCode::Io, "m", {}, {}, "upstream"});
  EXPECT_EQ(strange.status, 502);
  EXPECT_THAT(strange.body, HasSubstr(R"("code":"server_error")"));
  EXPECT_EQ(encode_error({ErrorCode::Unavailable, "m", {}, {}, "status"}).status, 503);
}

TEST(NativeErrors, RepeatTheMessageWhereThereAreNoDetails) {
  EXPECT_THAT(encode_error({ErrorCode::Internal, "Oh.", {}, {}}).body,
              HasSubstr(R"("details":"Oh.")"));
}

TEST(NativeErrors, CoverWhatHttpFinds) {
  EXPECT_EQ(encode_http_error(404, "No such path.").status, 404);
  EXPECT_THAT(encode_http_error(405, "No.").body, HasSubstr(R"("code":"invalid_request")"));
  EXPECT_THAT(encode_http_error(500, "Oh.").body, HasSubstr(R"("code":"server_error")"));
  EXPECT_GT(encode_http_error(503, "Busy.").retry_after_seconds, 0);
}

}  // namespace
}  // namespace shimmy::protocol::native
