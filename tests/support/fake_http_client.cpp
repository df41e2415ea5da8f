#include "support/fake_http_client.h"

#include <algorithm>
#include <string_view>
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

FakeHttpClient::Reply FakeHttpClient::reply_to(const transfer::Request& request) {
  const std::lock_guard lock(mutex_);
  requests_.push_back(request);
  const std::size_t host = request.url.find("//");
  const std::size_t path = request.url.find('/', host == std::string::npos ? 0 : host + 2);
  for (const std::string& place :
       {request.url, request.url.substr(std::min(path, request.url.size()))}) {
    const auto found = replies_.find(request.method + ' ' + place);
    if (found != replies_.end()) return found->second;
  }
  return {};
}

Result<transfer::ResponseHead> FakeHttpClient::send(const transfer::Request& request,
                                                    const transfer::Receiver& receiver,
                                                    std::stop_token stop) {
  if (before_) before_();
  const Reply reply = reply_to(request);
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
  if (receiver.body && request.method != "HEAD") {
    // In two pieces, as networks may cut it.
    const std::string_view body = answer->body;
    for (const auto part : {body.substr(0, body.size() / 2), body.substr(body.size() / 2)}) {
      if (part.empty()) continue;
      if (auto taken = receiver.body(part); !taken) {
        return std::unexpected(std::move(taken).error());
      }
    }
  }
  if (answer->failure) return std::unexpected(*answer->failure);
  return head;
}

std::vector<transfer::Request> FakeHttpClient::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

}  // namespace shimmy::support
