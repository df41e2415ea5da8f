// A server on a free loopback port with the routes a test gives it.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/server.h"
#include "support/raw_client.h"

namespace shimmy::support {

inline constexpr std::chrono::seconds kPatience{8};

// The value, or a failed test and a default one when it does not come.
template <class T>
T awaited(std::future<T> future) {
  if (future.wait_for(kPatience) == std::future_status::ready) return future.get();
  ADD_FAILURE() << "what was waited for did not happen";
  return T();
}

inline bool happens(std::future<void> future) {
  return future.wait_for(kPatience) == std::future_status::ready;
}

inline std::string get(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

inline std::string post(const std::string& path, const std::string& body) {
  return "POST " + path +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

// The answer on a connection of its own; a failed test where there is none.
inline RawResponse ask(std::uint16_t port, std::string_view bytes, bool is_head = false) {
  RawClient client(port);
  EXPECT_TRUE(client.send(bytes));
  const auto response = client.read_response(is_head);
  EXPECT_TRUE(response) << bytes;
  return response.value_or(RawResponse{});
}

inline http::Response text(std::string body) {
  http::Response response;
  response.content_type = "text/plain";
  response.body = std::move(body);
  return response;
}

class HttpServer {
 public:
  explicit HttpServer(std::vector<http::Route> routes, http::ServerOptions options = {}) {
    options.port = 0;
    options.server_name = "test";
    auto created = http::Server::create(
        std::move(options), http::Router(std::move(routes)),
        [](const http::Request&, const http::Problem& problem) {
          return http::Response{problem.status, "text/plain", {}, "error: " + problem.message};
        },
        base::Logger::to_writer(base::LogLevel::Info, base::LogFormat::Text,
                                [this](std::string_view line) {
                                  {
                                    const std::lock_guard lock(mutex_);
                                    (log_ += line) += '\n';
                                  }
                                  logged_.notify_all();
                                }));
    if (!created) {
      ADD_FAILURE() << created.error().message;
      return;
    }
    server_ = std::move(*created);
    server_->start();
  }

  http::Server& operator*() { return *server_; }
  http::Server* operator->() { return server_.get(); }
  std::uint16_t port() const { return server_->port(); }

  std::string log() const {
    const std::lock_guard lock(mutex_);
    return log_;
  }

  // Waits until `text` is in the log.
  bool logs(std::string_view text) const {
    std::unique_lock lock(mutex_);
    return logged_.wait_for(lock, kPatience, [&] { return log_.find(text) != std::string::npos; });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable logged_;
  std::string log_;  // guarded by mutex_
  std::unique_ptr<http::Server> server_;
};

// A stream that a test writes on.
struct HeldStream {
  std::shared_ptr<http::Exchange> exchange;
  std::shared_ptr<http::BodyStream> body;
};

// GET /stream sends "first", and hands the rest over to `started`.
inline http::Route stream_route(std::function<void(HeldStream)> started) {
  return {"GET", "/stream",
          [started = std::move(started)](std::shared_ptr<http::Exchange> exchange) {
            auto body = exchange->start_stream({});
            body->write("first");
            started({std::move(exchange), std::move(body)});
          },
          http::RunsOn::Io};
}

// Answers at once with what the request was.
inline void echo(const std::shared_ptr<http::Exchange>& exchange) {
  const http::Request& request = exchange->request();
  exchange->respond(
      text(request.method + " " + request.path + "?" + request.query + "\n" + request.body));
}

}  // namespace shimmy::support
