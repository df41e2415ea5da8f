// What a service manager such as systemd gives a service, and what it wants to hear.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace shimmy::app {

// The listening sockets that the manager opened for this process (LISTEN_FDS); none when it opened
// none. Removes the variables, so that no child takes the sockets for its own: to be called once,
// before other threads start. Fails with InvalidRequest where they make no sense.
base::Result<std::vector<int>> inherited_sockets();

// For tell() before a reload; "READY=1" ends it.
std::string reloading_state();

// The way to tell the manager how the service is. Any thread.
class ServiceNotifier {
 public:
  // `address`: a path, or "@" and an abstract name; empty: nobody listens.
  explicit ServiceNotifier(std::string address) : address_(std::move(address)) {}

  static ServiceNotifier from_environment();  // NOTIFY_SOCKET

  // Sends lines such as "READY=1", "STOPPING=1" or "STATUS=…" without waiting. False when nobody
  // listens or nobody could be told, which is no reason to stop.
  bool tell(std::string_view state) const;

 private:
  std::string address_;
};

}  // namespace shimmy::app
