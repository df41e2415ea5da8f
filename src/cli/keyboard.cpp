#include "cli/keyboard.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace shimmy::cli {

Keyboard::Keyboard(int terminal) : terminal_(terminal), woken_(eventfd(0, EFD_CLOEXEC)) {
  tcgetattr(terminal_, &before_);
  termios raw = before_;
  raw.c_iflag &= ~static_cast<tcflag_t>(BRKINT | ICRNL | INPCK | ISTRIP | IXON);
  raw.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | IEXTEN | ISIG);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  tcsetattr(terminal_, TCSADRAIN, &raw);
}

Keyboard::~Keyboard() {
  tcsetattr(terminal_, TCSADRAIN, &before_);
  close(woken_);
}

std::optional<std::string> Keyboard::read(const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] { eventfd_write(woken_, 1); });
  std::array<pollfd, 2> watched{pollfd{terminal_, POLLIN, 0}, pollfd{woken_, POLLIN, 0}};
  while (true) {
    if (poll(watched.data(), watched.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return std::nullopt;
    }
    if (watched[1].revents != 0) return std::nullopt;
    std::array<char, 4096> bytes{};
    const ssize_t count = ::read(terminal_, bytes.data(), bytes.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count <= 0) return std::nullopt;
    return std::string(bytes.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace shimmy::cli
