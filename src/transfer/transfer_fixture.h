// What the tests of real transfers share: a client, and an answer collected piece by piece.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "support/raw_server.h"
#include "transfer/curl_client.h"

namespace shimmy::transfer {

// Collects what an answer brings.
struct Collected {
  ResponseHead head;
  int heads = 0;
  std::string body;

  Receiver receiver() {
    return {[this](const ResponseHead& given) -> base::Result<void> {
              head = given;
              ++heads;
              return {};
            },
            [this](std::string_view bytes) -> base::Result<void> {
              body += bytes;
              return {};
            }};
  }
};

inline Request get(std::string url) {
  Request request;
  request.url = std::move(url);
  return request;
}

}  // namespace shimmy::transfer
