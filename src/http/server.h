// Listens, reads requests, calls handlers, and stops in good order.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "http/open_paths.h"
#include "http/rate_limits.h"
#include "http/router.h"

namespace shimmy::http {

struct Limits {
  std::size_t header_bytes = 16 << 10;             // request line included; over: 431
  std::size_t target_bytes = 8 << 10;              // of the request's URI; over: 414
  std::size_t body_bytes = std::size_t{64} << 20;  // as sent, and decompressed; over: 413
  std::size_t connections = 4096;  // over: accepted connections wait in the kernel's backlog
  std::size_t connections_per_address = 1024;        // over: 429; 0: no limit
  std::size_t connections_per_loopback_address = 0;  // the same for clients on this machine
  std::size_t stream_buffer_bytes = 64
                                    << 10;  // unsent bytes of one stream from which on it is full
  std::size_t websocket_bytes = std::size_t{16} << 20;  // of one message; over: closed with 1009
  std::chrono::milliseconds ping_time{30'000};  // of a WebSocket's silence before a ping, and from
                                                // then until it is cut; 0: never
  std::chrono::milliseconds header_time{10'000};  // to send a request's headers, once begun: 408
  std::chrono::milliseconds body_time{300'000};   // to send its body: 408
  std::chrono::milliseconds body_pause{60'000};   // between two pieces of it: 408
  std::chrono::milliseconds idle_time{120'000};   // between requests of one connection: closed
  std::chrono::milliseconds write_time{60'000};   // a client that takes no byte for so long is cut
  std::chrono::milliseconds heartbeat_time{10'000};  // of silence on a stream with a heartbeat
};

// Who may use the server. By default everybody who can reach it, but no foreign web page.
struct AccessRules {
  std::string machine_name;                  // a name that this machine goes by; empty: none
  std::vector<std::string> allowed_hosts;    // further names for the Host header; see HostRules
  std::vector<std::string> allowed_origins;  // further ones; see AllowedOrigins
  std::vector<std::string> api_keys;         // one of them is needed; empty: none is
  // These need no key:
  OpenPaths open_paths = {"/",      "/health",     "/healthz",  "/live",
                          "/ready", "/api/health", "/v1/health"};
};

struct ServerOptions {
  std::string address = "127.0.0.1";   // IPv4 or IPv6 address, a host name, or "unix:" and a path
  std::uint16_t port = 11435;          // 0: any free one
  std::vector<int> inherited_sockets;  // that listen already; taken over in place of the address
  std::string tls_certificate;         // PEM files; with both, every connection is encrypted
  std::string tls_key;
  std::size_t io_threads = 1;
  std::size_t worker_threads = 4;  // run the handlers that may block
  Limits limits;
  AccessRules access;
  RateRules rates;
  std::string server_name;            // the Server header; empty: none
  std::vector<Header> extra_headers;  // of every answer
  std::string processing_header;      // names the milliseconds until the answer began; empty: none
};

// Builds the answer to what http/ itself finds wrong (401, 404, 405, 408, 413, …) in the caller's
// error shape. The headers of the problem are added to it.
using ErrorRenderer = std::function<Response(const Request& request, const Problem& problem)>;

class Server {
 public:
  // Binds and listens. Fails with Io: the message names the address or file, what was wrong and
  // what to do; and with InvalidRequest for an empty API key.
  static base::Result<std::unique_ptr<Server>> create(ServerOptions options, Router router,
                                                      ErrorRenderer errors, base::Logger log);
  virtual ~Server() = default;  // stops as stop() does

  // Where it listens, as "127.0.0.1:80", "[::1]:80" or "unix:/path"; the first of several places.
  virtual std::string address() const = 0;
  virtual std::uint16_t port() const = 0;  // the one that was bound; 0 for a Unix socket

  // Starts the I/O and worker threads and returns.
  virtual void start() = 0;

  // From the next request of every connection on; running ones are not touched. Limits that stay
  // the same keep their counts. Fails with InvalidRequest for an empty API key. Any thread.
  virtual base::Result<void> change_access(const AccessRules& access, const RateRules& rates) = 0;

  // Stops accepting, closes idle connections, and lets requests that have begun and WebSockets
  // finish (see WebSocket::on_draining). When `grace` is over, tells whoever still answers (see
  // on_stopping of Exchange and WebSocket), closes WebSockets, answers half-sent requests with 408,
  // and a second later cuts what is left. Blocks until all are closed: for a second longer than
  // `grace` at most. True when all had ended within it. Any thread.
  virtual bool drain(std::chrono::milliseconds grace) = 0;

  // Closes everything, which tells every pending answer that its client is gone, and joins the
  // threads; waits for worker handlers to return. Not from a handler.
  virtual void stop() = 0;
};

}  // namespace shimmy::http
