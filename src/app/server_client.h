// Asks a running shimmy server, over its HTTP API.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "app/server_address.h"
#include "base/error.h"
#include "transfer/http_client.h"

namespace shimmy::app {

// Any thread may call any member; they block. They fail with what the server says, or with
// Unavailable where none answers (the message says how to start one); Cancelled after `stop`.
class ServerClient {
 public:
  // `api_key`: empty where the server needs none.
  ServerClient(ServerAddress address, std::string api_key,
               std::shared_ptr<transfer::HttpClient> http);

  const ServerAddress& address() const { return address_; }

  // The answer's body. `patience`: how long without a byte; 0: for ever.
  base::Result<std::string> get(const std::string& path, std::stop_token stop = {},
                                std::chrono::milliseconds patience = std::chrono::seconds(30));
  base::Result<std::string> post(const std::string& path, std::string json,
                                 std::stop_token stop = {});

  // Hands on the data of each server-sent event as it comes. Where `use` fails, that is the error.
  base::Result<void> post_for_events(
      const std::string& path, std::string json,
      const std::function<base::Result<void>(std::string_view data)>& use,
      std::stop_token stop = {});

 private:
  transfer::Request request(std::string method, const std::string& path, std::string json) const;
  base::Result<std::string> ask(const transfer::Request& request, const std::stop_token& stop);
  base::Error explained(base::Error error) const;

  const ServerAddress address_;
  const std::string api_key_;
  const std::shared_ptr<transfer::HttpClient> http_;
};

// "/api/models/<name>/<action>", with the name encoded as one part of the path.
std::string model_path(std::string_view model, std::string_view action);

}  // namespace shimmy::app
