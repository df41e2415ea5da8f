// An HttpClient that answers from a table, without a network.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "transfer/http_client.h"

namespace shimmy::support {

struct FakeAnswer {
  int status = 200;
  std::string body;
  std::vector<transfer::Header> headers;
  std::vector<transfer::ResponseHead> redirects;
  std::optional<base::Error> failure;  // what ends the transfer behind the body
};

// Any thread. An address without an answer is one that nobody can connect to.
class FakeHttpClient final : public transfer::HttpClient {
 public:
  using Reply = std::function<base::Result<FakeAnswer>(const transfer::Request& request)>;

  // `key`: "GET https://host/path", the query included; or "GET /path", of any host.
  void answer(const std::string& key, FakeAnswer answer);
  void answer(const std::string& key, Reply reply);

  // Called before each answer. Set it before requests are sent.
  void before_each(std::function<void()> call) { before_ = std::move(call); }

  base::Result<transfer::ResponseHead> send(const transfer::Request& request,
                                            const transfer::Receiver& receiver,
                                            std::stop_token stop = {}) override;

  // What was asked so far, in order.
  std::vector<transfer::Request> requests() const;

 private:
  Reply reply_to(const transfer::Request& request);

  std::function<void()> before_;
  mutable std::mutex mutex_;
  std::map<std::string, Reply> replies_;     // guarded by mutex_
  std::vector<transfer::Request> requests_;  // guarded by mutex_
};

}  // namespace shimmy::support
