// A server on this machine that sends bytes as a test says, for clients that must survive anything.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace shimmy::support {

// One connection, as the server sees it. Waits end after a deadline of some seconds.
class RawPeer {
 public:
  explicit RawPeer(int socket) : socket_(socket) {}

  // Head and body (by its Content-Length) of the next request; empty when none comes.
  std::optional<std::string> read_request();

  // False once the client is gone.
  bool send(std::string_view bytes);

  // A whole answer with its Content-Length; `headers` are lines that end with \r\n.
  bool answer(int status, std::string_view body, const std::string& headers = {});

  // Reads and drops until the client closes.
  void wait_until_gone();

 private:
  bool fill();

  int socket_;
  std::string buffer_;
};

class RawServer {
 public:
  // Runs on a thread of each connection, which closes when it returns.
  using Serve = std::function<void(RawPeer& peer)>;

  // Listens on a free port of 127.0.0.1, or on a Unix socket.
  explicit RawServer(Serve serve);
  RawServer(Serve serve, const std::string& unix_path);
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url(std::string_view path) const;
  int connections() const;  // accepted so far

 private:
  void start();
  void accept_all();

  const Serve serve_;
  int listening_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::vector<int> sockets_;           // guarded by mutex_
  std::vector<std::jthread> threads_;  // guarded by mutex_
  std::jthread acceptor_;
};

}  // namespace shimmy::support
