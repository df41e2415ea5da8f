// An error as a whole HTTP answer, in the one body shape that satisfies every JSON dialect here.
#pragma once

#include <string>
#include <string_view>

namespace shimmy::protocol {

struct ErrorReply {
  int status = 500;
  int retry_after_seconds = 0;  // 0: no such header
  std::string body;
  bool is_permanent = false;  // a server's error that repeating cannot mend (wire.md HTTP-14)
};

struct ErrorFields {
  std::string_view message;
  std::string_view type;
  std::string_view param;    // empty: null
  std::string_view code;     // empty: null
  std::string_view details;  // empty: null
};

// {"error":{"message","type","param","code","details"}}: OpenAI's keys and the native API's in one.
std::string encode_error_body(const ErrorFields& fields);

// What a client that was told to come back should wait.
constexpr int kRetryAfterSeconds = 1;

}  // namespace shimmy::protocol
