// The open connections of one I/O thread, and the clock that watches their deadlines.
#pragma once

#include <memory>
#include <unordered_map>

#include "http/connection_count.h"
#include "http/io_thread.h"
#include "http/request_ids.h"
#include "http/service.h"

namespace shimmy::http {

class Session;
class Transport;

// I/O thread only. Must live until its thread has finished.
class SessionList {
 public:
  SessionList(std::shared_ptr<Service> service, std::shared_ptr<IoThread> thread);
  ~SessionList();

  IoThread& thread() { return *thread_; }  // any thread

  // Serves a new connection; closes it at once when the server drains.
  void add(std::shared_ptr<Transport> transport, ConnectionCount::Token token);

  // As the sessions' own.
  void drain();
  void stop();

  // Closes all; refuses new ones.
  void close_all();

 private:
  bool tick();

  const std::shared_ptr<Service> service_;
  const std::shared_ptr<IoThread> thread_;
  const std::shared_ptr<RequestIds> ids_;
  std::unordered_map<Session*, std::shared_ptr<Session>> sessions_;
  bool is_ticking_ = false;
  bool is_closed_ = false;
};

}  // namespace shimmy::http
