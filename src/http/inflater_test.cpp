#include "http/inflater.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "support/compressed.h"

namespace shimmy::http {
namespace {

using enum support::Packing;
using support::compressed;

std::string words(std::size_t count) {
  std::mt19937 random(7);
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += std::to_string(random() % 5000) + " ";
  return text;
}

struct Result {
  int status = 200;
  std::string body;
};

Result decoded(const std::string& encoding, std::string_view bytes, std::size_t step = 1 << 20,
               std::size_t limit = 64 << 20) {
  Request request;
  request.headers = {{"Content-Encoding", encoding}};
  auto inflater = Inflater::create(request, limit);
  if (!inflater) return {inflater.error().status, ""};
  Result result;
  while (!bytes.empty()) {
    const auto problem = (*inflater)->put(bytes.substr(0, step), result.body);
    if (problem) return {problem->status, result.body};
    bytes.remove_prefix(std::min(step, bytes.size()));
  }
  if (const auto problem = (*inflater)->finish()) result.status = problem->status;
  return result;
}

TEST(Inflater, Http3_UnpacksGzipAndDeflateHoweverCut) {
  const std::string text = words(20'000);
  for (const auto& [encoding, bits] : {std::pair{"gzip", Gzip}, std::pair{"X-GZIP", Gzip},
                                       std::pair{"deflate", Zlib}, std::pair{"Deflate", Bare}}) {
    for (const std::size_t step : {1U, 3U, 1000U, 1U << 20U}) {
      const Result got = decoded(encoding, compressed(text, bits), step);
      EXPECT_EQ(got.status, 200) << encoding << " " << step;
      EXPECT_TRUE(got.body == text) << encoding << " " << step;
    }
  }
}

TEST(Inflater, LeavesOtherBodiesAlone) {
  for (const std::string value : {"", "identity", " Identity "}) {
    Request request;
    if (!value.empty()) request.headers = {{"content-encoding", value}};
    const auto inflater = Inflater::create(request, 10);
    ASSERT_TRUE(inflater);
    EXPECT_EQ(*inflater, nullptr);
  }
}

TEST(Inflater, Http3_NamesAnEncodingThatItDoesNotKnow) {
  for (const std::string value : {"br", "zstd", "gzip, gzip", "gzip,deflate", "compress",
                                  "gzip;q=1", "identity, gzip", "x"}) {
    EXPECT_EQ(decoded(value, "x").status, 415) << value;
  }
  Request request;
  request.headers = {{"Content-Encoding", "gzip"}, {"content-encoding", "gzip"}};
  const auto inflater = Inflater::create(request, 10);
  ASSERT_FALSE(inflater);
  EXPECT_EQ(inflater.error().status, 415);
  EXPECT_NE(inflater.error().message.find("\"gzip, gzip\""), std::string::npos);
  ASSERT_EQ(inflater.error().headers.size(), 1U);
  EXPECT_EQ(inflater.error().headers[0].value, "gzip, deflate");
}

TEST(Inflater, ReadsGzipOfSeveralMembers) {
  const std::string both = compressed("hello ", Gzip) + compressed("world", Gzip);
  EXPECT_EQ(decoded("gzip", both).body, "hello world");
  EXPECT_EQ(decoded("gzip", both, 1).body, "hello world");
}

TEST(Inflater, TakesNothingForNothing) {
  EXPECT_EQ(decoded("gzip", "").status, 200);
  EXPECT_EQ(decoded("deflate", "").status, 200);
  EXPECT_EQ(decoded("gzip", compressed("", Gzip)).status, 200);
  EXPECT_EQ(decoded("deflate", compressed("", Bare), 1).status, 200);
}

TEST(Inflater, Http3_RefusesWhatIsNotOfTheEncoding) {
  for (const std::size_t step : {1U, 1000U}) {
    EXPECT_EQ(decoded("gzip", "{\"model\":\"x\"}", step).status, 400);
    EXPECT_EQ(decoded("gzip", compressed("hello", Zlib), step).status, 400);
    EXPECT_EQ(decoded("deflate", compressed("hello", Gzip), step).status, 400);
    EXPECT_EQ(decoded("gzip", compressed("hello", Gzip) + "garbage", step).status, 400);
    EXPECT_EQ(decoded("deflate", compressed("hello", Zlib) + "x", step).status, 400);
    EXPECT_EQ(decoded("deflate", "\x78", step).status, 400);
    EXPECT_EQ(decoded("deflate", "\xff\xff\xff\xff", step).status, 400);
  }
}

TEST(Inflater, Http3_RefusesABodyThatIsNotWhole) {
  const std::string whole = compressed(words(100), Gzip);
  for (std::size_t size = 1; size < whole.size(); ++size) {
    EXPECT_EQ(decoded("gzip", std::string_view(whole).substr(0, size)).status, 400) << size;
  }
}

TEST(Inflater, Http3_RefusesEveryFlippedByte) {
  const std::string text = words(50);
  const std::string whole = compressed(text, Gzip);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string broken = whole;
    broken[at] = static_cast<char>(broken[at] ^ 0x40);
    const Result got = decoded("gzip", broken);
    // Time stamp, flags and system in the header may say what they like.
    EXPECT_TRUE(got.status == 400 || got.body == text) << at;
  }
}

TEST(Inflater, HoldsTheContentToTheLimit) {
  const std::string text = words(1000);
  const std::string packed = compressed(text, Gzip);
  EXPECT_EQ(decoded("gzip", packed, 100, text.size()).status, 200);
  const Result got = decoded("gzip", packed, 100, text.size() - 1);
  EXPECT_EQ(got.status, 413);
  EXPECT_LT(got.body.size(), text.size());
}

TEST(Inflater, ABombCostsNeitherMemoryNorTime) {
  const std::string bomb = compressed(std::string(30 << 20, '0'), Gzip);  // about 30 KB
  const Result got = decoded("gzip", bomb, 8 << 10, std::size_t{1} << 30);
  EXPECT_EQ(got.status, 413);
  EXPECT_LE(got.body.size(), 5U << 20U);
}

TEST(Inflater, LetsRepetitiveTextPassWhileItIsSmall) {
  const std::string text(3 << 20, 'x');
  EXPECT_EQ(decoded("gzip", compressed(text, Gzip)).body.size(), text.size());
}

}  // namespace
}  // namespace shimmy::http
