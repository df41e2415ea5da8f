// What the tests of pulls share: a server of lies, a small model, events that are kept.
#pragma once

#include <gtest/gtest.h>

#include <charconv>
#include <string>
#include <vector>

#include "pull/access.h"
#include "pull/event.h"
#include "pull/sha256.h"
#include "support/fake_http_client.h"
#include "support/gguf_writer.h"
#include "support/temp_dir.h"

namespace shimmy::pull {

inline std::string sha256(std::string_view bytes) {
  Sha256 hash;
  hash.add(bytes);
  return hash.finish();
}

// The number in "bytes=N-"; 0 where no range is asked for.
inline std::size_t asked_from(const transfer::Request& request) {
  const std::string_view range = transfer::header_value(request.headers, "range");
  std::size_t first = 0;
  if (range.size() > 6) std::from_chars(range.data() + 6, range.data() + range.size(), first);
  return first;
}

// Answers as a server with `bytes` does that knows ranges; cut after `cut` bytes.
inline support::FakeAnswer serve(const transfer::Request& request, const std::string& bytes,
                                 const std::string& etag = "\"v1\"",
                                 std::size_t cut = std::string::npos) {
  const std::string_view condition = transfer::header_value(request.headers, "if-range");
  const std::size_t first = condition.empty() || condition == etag ? asked_from(request) : 0;
  support::FakeAnswer answer;
  answer.body = bytes.substr(first, cut);
  answer.headers = {{"ETag", etag}, {"Content-Length", std::to_string(bytes.size() - first)}};
  if (first > 0) {
    answer.status = 206;
    answer.headers.push_back({"Content-Range", "bytes " + std::to_string(first) + "-" +
                                                   std::to_string(bytes.size() - 1) + "/" +
                                                   std::to_string(bytes.size())});
  }
  if (first + answer.body.size() < bytes.size()) {
    answer.failure =
        base::Error{base::ErrorCode::Unavailable, "The answer broke off.", {}, {}, "cut"};
  }
  return answer;
}

class PullFixture : public testing::Test {
 protected:
  PullFixture() {
    limits_.first_pause = std::chrono::milliseconds(1);
    limits_.longest_pause = std::chrono::milliseconds(2);
    limits_.longest_wish = std::chrono::milliseconds(0);
    endpoints_.hub = "https://hub";
    endpoints_.registry = "https://registry";
  }

  std::vector<std::string> asked() const {
    std::vector<std::string> asked;
    for (const transfer::Request& request : client_.requests()) {
      asked.push_back(request.method + ' ' + request.url);
    }
    return asked;
  }

  const support::TempDir temp_;
  const std::string model_ = support::small_model().bytes();
  support::FakeHttpClient client_;
  Endpoints endpoints_;
  RetryLimits limits_;
  std::vector<base::Error> retried_;
  const OnRetry on_retry_ = [this](const base::Error& why, std::chrono::milliseconds) {
    retried_.push_back(why);
  };
  std::stop_source stop_source_;
  std::stop_token stop_ = stop_source_.get_token();
  const Access access_{client_, endpoints_, limits_, on_retry_, stop_};
};

}  // namespace shimmy::pull
