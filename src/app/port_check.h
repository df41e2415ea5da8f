// Whether a port is free, and who has it if not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/bind_address.h"

namespace shimmy::app {

// True when a server could bind the address now. False for hosts that are no numeric address of
// this machine.
bool is_free(const BindAddress& address);

// The process that listens on the TCP port, as "ollama (pid 123)". Empty when /proc does not tell:
// nobody listens, or the process belongs to somebody else.
std::string listener_on(std::uint16_t port);

// The next port after `address.port` that is free on its host, among the hundred that follow.
std::optional<std::uint16_t> next_free_port(const BindAddress& address);

}  // namespace shimmy::app
