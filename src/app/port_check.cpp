#include "app/port_check.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <system_error>

namespace shimmy::app {
namespace {

namespace fs = std::filesystem;

struct AddressListDeleter {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

bool can_bind(const addrinfo& address) {
  const int descriptor = socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return false;
  const int on = 1;  // as servers do: connections that are still closing do not count
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const bool bound = bind(descriptor, address.ai_addr, address.ai_addrlen) == 0;
  close(descriptor);
  return bound;
}

// The inode of the socket in LISTEN state on `port`; empty when there is none.
std::string listening_inode(const char* table, std::uint16_t port) {
  constexpr std::string_view listen_state = "0A";
  std::ifstream file(table);
  std::string line;
  std::getline(file, line);  // the heading
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string skipped;
    std::string local;
    std::string state;
    std::string inode;
    fields >> skipped >> local >> skipped >> state;
    for (int i = 0; i < 5; ++i) fields >> skipped;
    fields >> inode;
    const std::size_t colon = local.rfind(':');
    unsigned found = 0;
    if (colon == std::string::npos || state != listen_state) continue;
    std::from_chars(local.data() + colon + 1, local.data() + local.size(), found, 16);
    if (found == port) return inode;
  }
  return {};
}

bool has_socket(const fs::path& process, const std::string& wanted) {
  std::error_code error;
  for (fs::directory_iterator fd(process / "fd", error), end; !error && fd != end;
       fd.increment(error)) {
    std::error_code unreadable;
    if (fs::read_symlink(fd->path(), unreadable) == wanted) return true;
  }
  return false;
}

std::string owner(const std::string& inode) {
  const std::string wanted = fmt::format("socket:[{}]", inode);
  std::error_code error;
  for (fs::directory_iterator process("/proc", error), end; !error && process != end;
       process.increment(error)) {
    const std::string pid = process->path().filename().string();
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    if (!has_socket(process->path(), wanted)) continue;
    std::string name;
    std::getline(std::ifstream(process->path() / "comm"), name);
    return fmt::format("{} (pid {})", name, pid);
  }
  return {};
}

}  // namespace

bool is_free(const BindAddress& address) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV;
  const std::string host = address.host == "localhost" ? "127.0.0.1" : address.host;
  addrinfo* list = nullptr;
  if (getaddrinfo(host.c_str(), std::to_string(address.port).c_str(), &hints, &list) != 0) {
    return false;
  }
  const std::unique_ptr<addrinfo, AddressListDeleter> owned(list);
  return can_bind(*list);
}

std::string listener_on(std::uint16_t port) {
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    if (const std::string inode = listening_inode(table, port); !inode.empty()) {
      return owner(inode);
    }
  }
  return {};
}

std::optional<std::uint16_t> next_free_port(const BindAddress& address) {
  constexpr unsigned tries = 100;
  for (unsigned port = address.port + 1U; port <= address.port + tries && port <= 65535; ++port) {
    BindAddress candidate = address;
    candidate.port = static_cast<std::uint16_t>(port);
    if (is_free(candidate)) return candidate.port;
  }
  return std::nullopt;
}

}  // namespace shimmy::app
