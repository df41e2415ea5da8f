#include "app/service_manager.h"

#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace shimmy::app {
namespace {

constexpr int kFirstDescriptor = 3;  // after the standard streams
constexpr int kMostSockets = 1024;

// The variable's value; it is gone afterwards.
std::optional<std::string> taken(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  std::string result = value;
  ::unsetenv(name);
  return result;
}

std::optional<long> number(std::string_view text) {
  long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

base::Result<std::vector<int>> inherited_sockets() {
  const std::optional<std::string> process = taken("LISTEN_PID");
  const std::optional<std::string> count_text = taken("LISTEN_FDS");
  taken("LISTEN_FDNAMES");
  // Meant for a parent, if not for us.
  if (!process || !count_text || number(*process) != ::getpid()) return {};
  const std::optional<long> count = number(*count_text);
  if (!count || *count < 0 || *count > kMostSockets) {
    return base::fail_field("LISTEN_FDS",
                            "The environment variable LISTEN_FDS is \"{}\", which is no number of "
                            "sockets; unset it.",
                            *count_text);
  }
  std::vector<int> descriptors;
  for (int i = 0; i < *count; ++i) descriptors.push_back(kFirstDescriptor + i);
  return descriptors;
}

std::string reloading_state() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return fmt::format("RELOADING=1\nMONOTONIC_USEC={}",
                     now.tv_sec * 1'000'000LL + now.tv_nsec / 1000);
}

ServiceNotifier ServiceNotifier::from_environment() {
  const char* address = std::getenv("NOTIFY_SOCKET");
  return ServiceNotifier(address == nullptr ? "" : address);
}

bool ServiceNotifier::tell(std::string_view state) const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const bool is_known = address_.starts_with('/') || address_.starts_with('@');
  if (!is_known || address_.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, address_.data(), address_.size());
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return false;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  const ssize_t sent = ::sendto(descriptor, state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                                reinterpret_cast<const sockaddr*>(&address), size);
  ::close(descriptor);
  return sent == static_cast<ssize_t>(state.size());
}

}  // namespace shimmy::app
