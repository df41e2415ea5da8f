#include "pull/http_status.h"

#include <gmock/gmock.h>

#include "pull/retries.h"

namespace shimmy::pull {
namespace {

using base::ErrorCode;
using testing::HasSubstr;

base::Error error(int status, std::vector<transfer::Header> headers = {}) {
  return status_error({status, std::move(headers), "https://h/x?secret=1"}, "org/repo");
}

TEST(HttpStatus, TellsWhatMayPass) {
  for (const int status : {408, 425, 429, 500, 502, 503, 504}) {
    EXPECT_TRUE(may_pass(error(status))) << status;
  }
  for (const int status : {300, 400, 401, 403, 404, 410, 416, 451}) {
    EXPECT_FALSE(may_pass(error(status))) << status;
  }
}

TEST(HttpStatus, AsksForATokenWhereOneMayHelp) {
  for (const int status : {401, 403}) {
    EXPECT_EQ(error(status).code, ErrorCode::Io);
    EXPECT_EQ(error(status).reason, "forbidden");
    EXPECT_THAT(error(status).message, HasSubstr("HF_TOKEN"));
  }
  EXPECT_EQ(error(429, {{"X-Error-Code", "GatedRepo"}}).code, ErrorCode::Unavailable);
  EXPECT_EQ(error(418, {{"X-Error-Code", "GatedRepo"}}).reason, "forbidden");
}

TEST(HttpStatus, TellsAWrongNameFromAServerThatAnswersStrangely) {
  for (const int status : {404, 410}) {
    EXPECT_EQ(error(status).code, ErrorCode::ModelNotFound);
    EXPECT_EQ(error(status).reason, "status");
  }
  for (const int status : {300, 400, 416, 451}) {
    EXPECT_EQ(error(status).code, ErrorCode::Io) << status;
    EXPECT_EQ(error(status).reason, "upstream") << status;
  }
}

TEST(HttpStatus, HandsOnWhatTheServerSays) {
  EXPECT_THAT(error(403, {{"X-Error-Message", "accept the terms"}}).details,
              HasSubstr("accept the terms"));
}

TEST(HttpStatus, ShowsNoSecret) {
  EXPECT_THAT(error(418).message, testing::Not(HasSubstr("secret")));
  EXPECT_THAT(error(418).message, HasSubstr("418"));
}

std::optional<std::chrono::seconds> wish(const std::string& value) {
  return retry_after({429, {{"Retry-After", value}}, {}});
}

TEST(RetryAfter, IsSecondsOrADate) {
  EXPECT_EQ(wish("0"), std::chrono::seconds(0));
  EXPECT_EQ(wish("120"), std::chrono::seconds(120));
  EXPECT_EQ(wish("Sun, 06 Nov 1994 08:49:37 GMT"), std::chrono::seconds(0));
  EXPECT_GT(wish("Fri, 06 Nov 2093 08:49:37 GMT"), std::chrono::seconds(1'000'000));
  for (const char* value : {"", "soon", "-5", "5 s"}) EXPECT_EQ(wish(value), std::nullopt) << value;
}

}  // namespace
}  // namespace shimmy::pull
