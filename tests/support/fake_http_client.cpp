#include "support/fake_http_client.h"

#include <utility>

namespace shimmy::support {

using base::ErrorCode;
using base::Result;

void FakeHttpClient::answer(const std::string& key, FakeAnswer answer) {
  this->answer(key, [answer = std::move(answer)](const transfer::Request&) -> Result<FakeAnswer> {
    return answer;
  });
}

void FakeHttpClient::answer(const std::string& key, Reply reply) {
  const std::lock_guard lock(mutex_);
  replies_[key] = std::move(reply);
}

Result<transfer::ResponseHead> FakeHttpClient::send(const transfer::Request& request,
                                                    const transfer::Receiver& receiver,
                                                    std::stop_token stop) {
  Reply reply;
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    const auto found = replies_.find(request.method + ' ' + request.url);
    if (found != replies_.end()) reply = found->second;
  }
  if (stop.stop_requested()) return base::fail(ErrorCode::Cancelled, "The transfer was stopped.");
  if (!reply) {
    return std::unexpected(base::Error{ErrorCode::Unavailable,
                                       "Cannot connect for " + request.method + ' ' + request.url,
                                       {},
                                       {},
                                       "connect"});
  }
  auto answer = reply(request);
  if (!answer) return std::unexpected(std::move(answer).error());
  transfer::ResponseHead head{answer->status, answer->headers, request.url, answer->redirects};
  if (receiver.head) {
    if (auto taken = receiver.head(head); !taken) return std::unexpected(std::move(taken).error());
  }
  if (receiver.body && !answer->body.empty() && request.method != "HEAD") {
    auto taken = receiver.body(answer->body);
    if (!taken) return std::unexpected(std::move(taken).error());
  }
  if (answer->failure) return std::unexpected(*answer->failure);
  return head;
}

std::vector<transfer::Request> FakeHttpClient::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

}  // namespace shimmy::support
