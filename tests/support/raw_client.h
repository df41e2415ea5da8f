// A blocking client that sends bytes as they are, for tests of servers on loopback.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace shimmy::support {

struct RawResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;                            // without transfer encoding
};

// Every wait ends after a deadline of some seconds, and what was waited for is then missing.
class RawClient {
 public:
  // Connects to an address of this machine, or to a Unix socket; check is_connected().
  explicit RawClient(std::uint16_t port, const std::string& address = "127.0.0.1");
  explicit RawClient(const std::string& unix_path);
  virtual ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool is_connected() const { return socket_ >= 0; }

  // True when the kernel took all of it.
  virtual bool send(std::string_view bytes);

  // Everything up to and with `end`; nothing when the connection ends or stalls first.
  std::optional<std::string> read_through(std::string_view end);
  std::optional<std::string> read_exactly(std::size_t bytes);

  // All bytes until the server closes; nothing when it does not or resets the connection.
  std::optional<std::string> read_to_end();

  // One whole response by its framing; after a HEAD request without a body.
  std::optional<RawResponse> read_response(bool is_head = false);

  // The head of a response alone: the body is empty and still to be read.
  std::optional<RawResponse> read_head();

  // One chunk of a chunked body; empty at its end.
  std::optional<std::string> read_chunk();

  // True when the server has closed and everything was read.
  bool is_at_end();

  // False when the server sends or closes within the span.
  bool stays_quiet(std::chrono::milliseconds span);

  void close();
  void reset();  // closes with a TCP reset

 protected:
  // Waits for bytes: their number, 0 at the end, less after an error; nothing at the deadline.
  virtual std::optional<std::ptrdiff_t> receive(std::span<char> bytes);

  int socket() const { return socket_; }

 private:
  bool fill();

  int socket_ = -1;
  std::string buffer_;
  bool is_ended_ = false;
  bool is_reset_ = false;
};

}  // namespace shimmy::support
