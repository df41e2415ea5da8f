#include "protocol/openai/embedding_answer.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

namespace shimmy::protocol::openai {
namespace {

std::string answer(const std::vector<std::vector<float>>& vectors, bool is_base64 = false,
                   std::optional<std::size_t> dimensions = std::nullopt) {
  EmbeddingWriter writer("m", is_base64, dimensions);
  for (const auto& vector : vectors) writer.add(vector);
  return std::move(writer).finish(7);
}

std::vector<float> numbers(const std::string& body, std::size_t index = 0) {
  const auto json = boost::json::parse(body);
  std::vector<float> result;
  for (const auto& value : json.at("data").at(index).at("embedding").as_array())
    result.push_back(value.to_number<float>());
  return result;
}

// Decodes the usual way, to hold the writer against.
std::vector<float> decode_base64(std::string_view text) {
  const std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<std::uint8_t> bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '=') break;
    bits = bits << 6 | static_cast<std::uint32_t>(digits.find(c));
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<std::uint8_t>(bits >> count));
  }
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

double norm(const std::vector<float>& vector) {
  double square = 0;
  for (const float value : vector) square += static_cast<double>(value) * value;
  return std::sqrt(square);
}

TEST(EmbeddingAnswer, HasOpenAisShape) {
  EXPECT_EQ(answer({{3, 4}, {0, -2}}),
            R"({"object":"list","data":[)"
            R"({"object":"embedding","index":0,"embedding":[0.6,0.8]},)"
            R"({"object":"embedding","index":1,"embedding":[0,-1]}],)"
            R"("model":"m","usage":{"prompt_tokens":7,"total_tokens":7}})");
}

TEST(EmbeddingAnswer, QuotesTheModelsName) {
  EmbeddingWriter writer("a\"b\n", false, std::nullopt);
  const std::vector<float> vector{1};
  writer.add(vector);
  EXPECT_EQ(boost::json::parse(std::move(writer).finish(1)).at("model").as_string(), "a\"b\n");
}

TEST(EmbeddingAnswer, Base64IsLittleEndianFloat32) {
  // 0.6F is 0x3F19999A, 0.8F is 0x3F4CCCCD.
  const auto json = boost::json::parse(answer({{3, 4}}, true));
  EXPECT_EQ(json.at("data").at(0).at("embedding").as_string(), "mpkZP83MTD8=");
}

TEST(EmbeddingAnswer, Base64PadsAsNeeded) {
  for (const std::size_t size : {1U, 2U, 3U, 4U, 5U}) {
    const std::vector<float> vector(size, 1);
    const auto json = boost::json::parse(answer({vector}, true));
    const std::string text(json.at("data").at(0).at("embedding").as_string());
    EXPECT_EQ(text.size() % 4, 0U);
    EXPECT_EQ(decode_base64(text), std::vector<float>(size, numbers(answer({vector}))[0]));
  }
}

TEST(EmbeddingAnswer, BothFormatsCarryTheSameBits) {
  std::vector<float> vector;
  for (int i = 0; i < 384; ++i) vector.push_back(std::sin(static_cast<float>(i)) * 1e-3F);
  const auto json = boost::json::parse(answer({vector}, true));
  const std::vector<float> decoded =
      decode_base64(std::string(json.at("data").at(0).at("embedding").as_string()));
  EXPECT_EQ(decoded, numbers(answer({vector})));
}

TEST(EmbeddingAnswer, VectorsHaveTheLengthOne) {
  for (const std::vector<float>& vector :
       {std::vector<float>{1e-20F, 2e-20F}, {1e19F, 1e19F, -1e19F}, {5}, {0.1F, 0.2F, 0.3F}}) {
    EXPECT_NEAR(norm(numbers(answer({vector}))), 1, 1e-6);
  }
}

TEST(EmbeddingAnswer, ZerosStayZeros) {
  EXPECT_EQ(numbers(answer({{0, 0, 0}})), (std::vector<float>{0, 0, 0}));
}

TEST(EmbeddingAnswer, LargestAndSmallestFloatsSurvive) {
  constexpr float kLargest = std::numeric_limits<float>::max();
  EXPECT_NEAR(numbers(answer({{kLargest, kLargest}}))[0], std::sqrt(0.5), 1e-6);
  constexpr float kSmallest = std::numeric_limits<float>::denorm_min();
  EXPECT_NEAR(norm(numbers(answer({{kSmallest, 0}}))), 1, 1e-6);
}

TEST(EmbeddingAnswer, FewerDimensionsAreNormalisedAgain) {
  EXPECT_EQ(numbers(answer({{3, 4, 12}}, false, 2)), (std::vector<float>{0.6F, 0.8F}));
  EXPECT_EQ(numbers(answer({{3, 4, 12}}, false, 1)), std::vector<float>{1});
  EXPECT_EQ(numbers(answer({{3, 4}}, false, 2)), (std::vector<float>{0.6F, 0.8F}));
}

}  // namespace
}  // namespace shimmy::protocol::openai
