#include "http/access_log.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace shimmy::http {
namespace {

std::string logged(const Request& request, const std::vector<Note>& notes = {},
                   base::LogFormat format = base::LogFormat::Text,
                   base::LogLevel level = base::LogLevel::Info) {
  std::string text;
  const auto log =
      base::Logger::to_writer(level, format, [&](std::string_view line) { text += line; });
  log_access(log, {.message = "answered",
                   .request = request,
                   .status = 200,
                   .bytes = 12,
                   .duration = std::chrono::milliseconds(30),
                   .first_byte = std::chrono::milliseconds(20),
                   .notes = notes});
  return text;
}

Request request_of() {
  Request request;
  request.id = "req_1";
  request.method = "POST";
  request.path = "/v1/x";
  request.query = "api_key=secret";
  request.peer = "192.0.2.1";
  request.client = "key_12345678";
  request.headers = {{"User-Agent", "curl/8 (x)"},
                     {"Authorization", "Bearer secret"},
                     {"X-Client-Request-Id", "mine-1"}};
  return request;
}

TEST(AccessLog, WritesOneLineOfFacts) {
  const std::string line = logged(request_of());
  EXPECT_NE(line.find("answered method=POST path=/v1/x status=200 duration_ms=30.000 bytes=12 "
                      "first_byte_ms=20.000 peer=192.0.2.1 client=key_12345678 "
                      "user_agent=\"curl/8 (x)\" client_request_id=mine-1 id=req_1"),
            std::string::npos)
      << line;
}

TEST(AccessLog, AddsWhatTheHandlerNoted) {
  const std::vector<Note> notes = {
      {"model", std::string("m 1")}, {"tokens", std::int64_t{7}}, {"ttft_ms", 1.5}};
  EXPECT_NE(logged(request_of(), notes).find(R"( model="m 1" tokens=7 ttft_ms=1.500 )"),
            std::string::npos);
  EXPECT_NE(logged(request_of(), notes, base::LogFormat::Json)
                .find(R"("model":"m 1","tokens":7,"ttft_ms":1.500)"),
            std::string::npos);
}

TEST(AccessLog, E29_NeverHoldsAKey) {
  EXPECT_EQ(logged(request_of()).find("secret"), std::string::npos);
}

TEST(AccessLog, NamesTheClientOnceIfItIsThePeer) {
  Request request = request_of();
  request.client = request.peer;
  EXPECT_EQ(logged(request).find("client="), std::string::npos);
}

TEST(AccessLog, LetsNobodyWriteLinesOfTheirOwn) {
  Request request = request_of();
  request.headers = {{"User-Agent", "x\r\nforged \x1b[31m" + std::string(10'000, 'x')}};
  const std::string line = logged(request);
  EXPECT_EQ(line.find_first_of("\r\n\x1b"), std::string::npos);
  EXPECT_LT(line.size(), 1000U);
}

TEST(AccessLog, IsSilentBelowItsLevel) {
  EXPECT_EQ(logged(request_of(), {}, base::LogFormat::Text, base::LogLevel::Warning), "");
}

}  // namespace
}  // namespace shimmy::http
