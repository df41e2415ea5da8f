#include "protocol/openai/logprobs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "protocol/json/text.h"

namespace shimmy::protocol::openai {
namespace {

using generation::GeneratedToken;
using generation::TokenLogprob;

// JSON has no infinity: what cannot happen gets the API's floor.
double written(float logprob) { return std::max(-9999.0, static_cast<double>(logprob)); }

std::string encode_bytes(std::string_view bytes) {
  std::vector<unsigned> values;
  for (const char byte : bytes) values.push_back(static_cast<unsigned char>(byte));
  return fmt::format("[{}]", fmt::join(values, ","));
}

std::string encode_one(std::string_view bytes, float logprob) {
  return fmt::format(R"("token":{},"logprob":{},"bytes":{})", json::quoted(bytes), written(logprob),
                     encode_bytes(bytes));
}

std::string encode_token(const GeneratedToken& token) {
  std::string likeliest;
  for (const TokenLogprob& rival : token.likeliest) {
    if (!likeliest.empty()) likeliest += ',';
    likeliest += fmt::format("{{{}}}", encode_one(rival.bytes, rival.logprob));
  }
  return fmt::format(R"({{{},"top_logprobs":[{}]}})", encode_one(token.bytes, token.logprob),
                     likeliest);
}

// The keys of an object must differ: of tokens that look alike, the likeliest stays.
std::string encode_rivals(const GeneratedToken& token) {
  std::string rivals;
  std::set<std::string> seen;
  for (const TokenLogprob& rival : token.likeliest) {
    const std::string key = json::quoted(rival.bytes);
    if (!seen.insert(key).second) continue;
    if (!rivals.empty()) rivals += ',';
    rivals += fmt::format("{}:{}", key, written(rival.logprob));
  }
  return fmt::format("{{{}}}", rivals);
}

std::size_t characters(std::string_view bytes) {
  return static_cast<std::size_t>(std::ranges::count_if(
      bytes, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

}  // namespace

std::string encode_chat_logprobs(std::span<const GeneratedToken> tokens) {
  std::string list;
  for (const GeneratedToken& token : tokens) {
    if (!list.empty()) list += ',';
    list += encode_token(token);
  }
  return fmt::format(R"({{"content":[{}],"refusal":null}})", list);
}

std::string TextLogprobs::encode(std::span<const GeneratedToken> tokens, bool without_first) {
  std::vector<std::string> texts;
  std::vector<std::string> logprobs;
  std::vector<std::string> rivals;
  std::vector<std::size_t> offsets;
  for (const GeneratedToken& token : tokens) {
    const bool unknown = without_first && texts.empty();
    texts.push_back(json::quoted(token.bytes));
    logprobs.push_back(unknown ? "null" : fmt::format("{}", written(token.logprob)));
    rivals.push_back(unknown ? "null" : encode_rivals(token));
    offsets.push_back(offset_);
    offset_ += characters(token.bytes);
  }
  return fmt::format(
      R"({{"tokens":[{}],"token_logprobs":[{}],"top_logprobs":[{}],"text_offset":[{}]}})",
      fmt::join(texts, ","), fmt::join(logprobs, ","), fmt::join(rivals, ","),
      fmt::join(offsets, ","));
}

}  // namespace shimmy::protocol::openai
