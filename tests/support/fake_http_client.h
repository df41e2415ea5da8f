// Servers that exist in the test's words alone.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "transfer/http_client.h"

namespace shimmy::support {

struct FakeAnswer {
  int status = 200;
  std::string body = {};
  std::optional<base::Error> error = {};  // in place of an answer, behind the body's bytes
};

// Any thread may call any member. What no test has said anything about cannot be reached.
class FakeHttpClient final : public transfer::HttpClient {
 public:
  // What "GET /path" (the URL's end) gets from now on.
  void answer(const std::string& question, FakeAnswer answer) {
    const std::lock_guard lock(mutex_);
    answers_[question] = std::move(answer);
  }

  // Called before each answer.
  void before_each(std::function<void()> call) { before_ = std::move(call); }

  std::vector<transfer::Request> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

  base::Result<transfer::ResponseHead> send(const transfer::Request& request,
                                            const transfer::Receiver& receiver,
                                            std::stop_token stop = {}) override {
    if (before_) before_();
    const FakeAnswer answer = find(request);
    if (stop.stop_requested()) return base::fail(base::ErrorCode::Cancelled, "Cancelled.");
    if (answer.error && answer.body.empty()) return std::unexpected(*answer.error);
    const transfer::ResponseHead head{answer.status, {}, request.url, {}};
    if (receiver.head) {
      if (auto taken = receiver.head(head); !taken) return std::unexpected(taken.error());
    }
    // In two pieces, as networks may cut it.
    for (const auto part : {std::string_view(answer.body).substr(0, answer.body.size() / 2),
                            std::string_view(answer.body).substr(answer.body.size() / 2)}) {
      if (!receiver.body || part.empty()) continue;
      if (auto taken = receiver.body(part); !taken) return std::unexpected(taken.error());
    }
    if (answer.error) return std::unexpected(*answer.error);
    return head;
  }

 private:
  FakeAnswer find(const transfer::Request& request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    const std::size_t host = request.url.find("//");
    const std::size_t path = request.url.find('/', host == std::string::npos ? 0 : host + 2);
    const auto found = answers_.find(request.method + ' ' + request.url.substr(path));
    if (found != answers_.end()) return found->second;
    base::Error error{base::ErrorCode::Unavailable, "Nobody answers.", {}, {}, "connect"};
    return {0, {}, std::move(error)};
  }

  mutable std::mutex mutex_;
  std::map<std::string, FakeAnswer> answers_;
  std::vector<transfer::Request> requests_;
  std::function<void()> before_;  // constant once requests are sent
};

}  // namespace shimmy::support
