// What the tests of chat requests share.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "protocol/openai/chat_request.h"
#include "support/refusal.h"

namespace shimmy::protocol::openai {

struct Refusal {
  std::string members;
  std::string param;
  std::string reason;
};

inline ChatRequest decode(const std::string& body) {
  auto request = decode_chat_request(body);
  EXPECT_TRUE(request) << body << ": " << (request ? "" : request.error().message);
  return request.value_or(ChatRequest());
}

inline base::Error error_of(const std::string& body) {
  const auto request = decode_chat_request(body);
  EXPECT_FALSE(request) << body;
  return request ? base::Error() : request.error();
}

inline void expect_refused(const std::string& body, const std::string& param,
                           const std::string& reason) {
  support::expect_refused(decode_chat_request(body), body, param, reason);
}

}  // namespace shimmy::protocol::openai
