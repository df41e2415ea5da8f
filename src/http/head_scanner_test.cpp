#include "http/head_scanner.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace shimmy::http {
namespace {

// -1: more has to come; else the status of the problem, or the length of the whole head.
long scanned(std::string_view bytes, std::size_t step) {
  HeadScanner scanner(/*header_bytes=*/100, /*target_bytes=*/20);
  for (std::size_t size = std::min(step, bytes.size());;
       size = std::min(size + step, bytes.size())) {
    if (scanner.scan(bytes.substr(0, size))) return static_cast<long>(scanner.head_bytes());
    if (const auto problem = scanner.problem()) return -problem->status;
    if (size == bytes.size()) return -1;
  }
}

void expect_however_cut(std::string_view bytes, long verdict) {
  for (const std::size_t step : {1U, 2U, 3U, 5U, 1000U}) {
    EXPECT_EQ(scanned(bytes, step), verdict) << bytes << " in pieces of " << step;
  }
}

TEST(HeadScanner, FindsTheEndOfTheHead) {
  expect_however_cut("GET / HTTP/1.1\r\n\r\n", 18);
  expect_however_cut("GET / HTTP/1.1\r\nHost: h\r\n\r\nrest\r\n\r\n", 27);
}

TEST(HeadScanner, WaitsForTheEmptyLine) {
  for (const std::string_view bytes :
       {"", "G", "GET / HTTP/1.1", "GET / HTTP/1.1\r", "GET / HTTP/1.1\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\n", "GET / HTTP/1.1\r\nHost: h\r\n\r"}) {
    expect_however_cut(bytes, -1);
  }
}

TEST(HeadScanner, RefusesLinesThatEndInAnyOtherWay) {
  for (const std::string_view bytes :
       {"GET / HTTP/1.1\n", "GET / HTTP/1.1\r\nHost: h\n", "GET / HTTP/1.1\rX",
        "GET / HTTP/1.1\r\r\n", "GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n", "\n"}) {
    expect_however_cut(bytes, -400);
  }
}

TEST(HeadScanner, KnowsAtOnceWhatIsNotHttp) {
  expect_however_cut("\x16\x03\x01", -400);
  expect_however_cut("{\"a\"", -400);
  expect_however_cut("G@", -400);
  expect_however_cut("\xc3\xa4", -400);
  expect_however_cut(std::string_view("\0", 1), -400);
}

TEST(HeadScanner, Http414_NamesAnUriThatIsTooLong) {
  expect_however_cut("GET /" + std::string(19, 'x') + " HTTP/1.1\r\n\r\n", 37);
  expect_however_cut("GET /" + std::string(20, 'x'), -414);
  expect_however_cut("GET /" + std::string(200, 'x') + " HTTP/1.1\r\n\r\n", -414);
}

TEST(HeadScanner, Http431_HoldsAllLinesTogetherToTheLimit) {
  const std::string start = "GET / HTTP/1.1\r\nX: ";  // 19 bytes
  expect_however_cut(start + std::string(77, 'x') + "\r\n\r\n", 100);
  expect_however_cut(start + std::string(78, 'x') + "\r\n\r\n", -431);
  expect_however_cut(std::string(101, 'G'), -431);
  std::string many = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 30; ++i) many += "a:\r\n";
  expect_however_cut(many, -431);
}

}  // namespace
}  // namespace shimmy::http
