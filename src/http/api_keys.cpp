#include "http/api_keys.h"

#include <fmt/core.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/text.h"

namespace shimmy::http {
namespace {

using Hash = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

Hash hash_of(std::string_view key) {
  Hash hash{};
  SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(), hash.data());
  return hash;
}

std::vector<std::string_view> keys_in(const Request& request) {
  constexpr std::string_view kScheme = "bearer ";
  std::vector<std::string_view> keys;
  for (const Header& header : request.headers) {
    const std::string_view value = header.value;
    if (equal_ignoring_case(header.name, "authorization")) {
      if (equal_ignoring_case(value.substr(0, kScheme.size()), kScheme)) {
        keys.push_back(trimmed(value.substr(kScheme.size())));
      }
    } else if (equal_ignoring_case(header.name, "x-api-key") ||
               equal_ignoring_case(header.name, "api-key")) {
      keys.push_back(trimmed(value));
    }
  }
  return keys;
}

bool is_known(const std::vector<Hash>& known, std::string_view key) {
  const Hash hash = hash_of(key);
  int found = 0;
  for (const Hash& one : known) {
    found |= static_cast<int>(CRYPTO_memcmp(one.data(), hash.data(), hash.size()) == 0);
  }
  return found != 0;
}

// Enough to recognise which of one's own keys it was: at most a quarter of it.
std::string_view beginning(std::string_view key) {
  return key.substr(0, std::min<std::size_t>(key.size() / 4, 6));
}

Problem refusal(const std::vector<std::string_view>& given) {
  return {.status = 401,
          .message = given.empty()
                         ? "No API key was given; send one as \"Authorization: Bearer <key>\" or "
                           "\"x-api-key: <key>\"."
                         : fmt::format("Incorrect API key provided: {}….", beginning(given[0])),
          .code = "invalid_api_key",
          .headers = {{"WWW-Authenticate", "Bearer"}}};
}

}  // namespace

std::string client_of_key(std::string_view key) {
  const Hash hash = hash_of(key);
  return fmt::format("key_{:02x}{:02x}{:02x}{:02x}", hash[0], hash[1], hash[2], hash[3]);
}

Middleware api_keys(const std::vector<std::string>& keys, OpenPaths open) {
  std::vector<Hash> known;
  known.reserve(keys.size());
  for (const std::string& key : keys) known.push_back(hash_of(key));
  return [known, open = std::move(open)](Request& request) -> Verdict {
    const std::vector<std::string_view> given = keys_in(request);
    for (const std::string_view key : given) {
      if (!is_known(known, key)) continue;
      request.client = client_of_key(key);
      return {};
    }
    if (is_open(open, request)) return {};
    return {.answer = std::nullopt, .problem = refusal(given)};
  };
}

}  // namespace shimmy::http
