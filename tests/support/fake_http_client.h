// An HttpClient that answers from a table, without a network.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
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

  // `key`: "GET https://host/path", the query included.
  void answer(const std::string& key, FakeAnswer answer);
  void answer(const std::string& key, Reply reply);

  base::Result<transfer::ResponseHead> send(const transfer::Request& request,
                                            const transfer::Receiver& receiver,
                                            std::stop_token stop = {}) override;

  // What was asked so far, in order.
  std::vector<transfer::Request> requests() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Reply> replies_;     // guarded by mutex_
  std::vector<transfer::Request> requests_;  // guarded by mutex_
};

}  // namespace shimmy::support
