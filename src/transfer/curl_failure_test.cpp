#include "transfer/curl_failure.h"

#include <gmock/gmock.h>

namespace shimmy::transfer {
namespace {

using base::ErrorCode;
using testing::HasSubstr;
using testing::Not;

Request request() {
  Request request;
  request.url = "https://me:pw@hub.co/a?sig=1";
  return request;
}

TEST(CurlFailure, NamesTheServerAndNoSecret) {
  for (const CURLcode code : {CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY,
                              CURLE_COULDNT_CONNECT, CURLE_OPERATION_TIMEDOUT, CURLE_PARTIAL_FILE,
                              CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION}) {
    const base::Error error = curl_failure(code, request(), "meaning", "");
    EXPECT_THAT(error.message, HasSubstr("https://hub.co"));
    EXPECT_THAT(error.message, Not(HasSubstr("pw")));
    EXPECT_THAT(error.message, Not(HasSubstr("sig")));
    EXPECT_EQ(error.details, "meaning");
  }
}

TEST(CurlFailure, TellsWhatMayPassFromWhatWillNot) {
  const auto code = [](CURLcode given) { return curl_failure(given, request(), "", "").code; };
  EXPECT_EQ(code(CURLE_RECV_ERROR), ErrorCode::Unavailable);
  EXPECT_EQ(code(CURLE_SSL_CONNECT_ERROR), ErrorCode::Unavailable);
  EXPECT_EQ(code(CURLE_PEER_FAILED_VERIFICATION), ErrorCode::Io);
  EXPECT_EQ(code(CURLE_OUT_OF_MEMORY), ErrorCode::Internal);
}

TEST(CurlFailure, PrefersWhatWasFoundToWhatTheCodeMeans) {
  EXPECT_EQ(curl_failure(CURLE_RECV_ERROR, request(), "meaning", "found").details, "found");
}

TEST(CurlFailure, NamesTheSpanOfAStall) {
  Request slow = request();
  slow.timeouts.stall = std::chrono::milliseconds(1500);
  EXPECT_THAT(stalled(slow).message, HasSubstr("for 1.5 s"));
  EXPECT_EQ(stalled(slow).reason, "stalled");
}

}  // namespace
}  // namespace shimmy::transfer
