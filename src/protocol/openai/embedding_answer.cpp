#include "protocol/openai/embedding_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "protocol/json/text.h"

namespace shimmy::protocol::openai {
namespace {

std::vector<float> normalised(std::span<const float> vector) {
  double square = 0;
  for (const float value : vector) square += static_cast<double>(value) * value;
  const double scale = square > 0 ? 1 / std::sqrt(square) : 0;
  std::vector<float> result;
  result.reserve(vector.size());
  for (const float value : vector) result.push_back(static_cast<float>(value * scale));
  return result;
}

// The fewest digits that give the same float back.
void append_numbers(std::string& body, std::span<const float> values) {
  std::array<char, 32> digits{};
  char separator = '[';
  for (const float value : values) {
    body += separator;
    separator = ',';
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    body.append(digits.data(), end);
  }
  body += ']';
}

void append_base64(std::string& body, std::span<const float> values) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<std::uint8_t> bytes;
  bytes.reserve(values.size() * sizeof(float) + 2);
  for (const float value : values) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (const unsigned shift : {0U, 8U, 16U, 24U})
      bytes.push_back(static_cast<std::uint8_t>(bits >> shift));
  }
  const std::size_t padding = (3 - bytes.size() % 3) % 3;
  bytes.resize(bytes.size() + padding);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const unsigned group = static_cast<unsigned>(bytes[i]) << 16 |
                           static_cast<unsigned>(bytes[i + 1]) << 8 | bytes[i + 2];
    for (const unsigned shift : {18U, 12U, 6U, 0U}) body += kDigits[group >> shift & 63U];
  }
  std::fill(body.end() - static_cast<std::ptrdiff_t>(padding), body.end(), '=');
}

}  // namespace

EmbeddingWriter::EmbeddingWriter(std::string_view model, bool is_base64,
                                 std::optional<std::size_t> dimensions)
    : tail_(fmt::format(R"(],"model":{},"usage":)", json::quoted(model))),
      is_base64_(is_base64),
      dimensions_(dimensions),
      body_(R"({"object":"list","data":[)") {}

void EmbeddingWriter::add(std::span<const float> vector) {
  const std::size_t dimensions = std::min(dimensions_.value_or(vector.size()), vector.size());
  const std::vector<float> values = normalised(vector.first(dimensions));
  body_ += fmt::format(R"({}{{"object":"embedding","index":{},"embedding":)",
                       count_ == 0 ? "" : ",", count_);
  ++count_;
  if (is_base64_) {
    body_ += '"';
    append_base64(body_, values);
    body_ += '"';
  } else {
    append_numbers(body_, values);
  }
  body_ += '}';
}

std::string EmbeddingWriter::finish(std::size_t tokens) && {
  body_ += tail_;
  body_ += fmt::format(R"({{"prompt_tokens":{0},"total_tokens":{0}}}}})", tokens);
  return std::move(body_);
}

}  // namespace shimmy::protocol::openai
