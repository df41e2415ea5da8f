#include "app/interrupts.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace shimmy::app {

Interrupts::Interrupts() : ended_(eventfd(0, EFD_CLOEXEC)) {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = signalfd(-1, &set, SFD_CLOEXEC);
  thread_ = std::thread([this] { wait(); });
  pthread_setname_np(thread_.native_handle(), "signals");
}

Interrupts::~Interrupts() {
  eventfd_write(ended_, 1);
  thread_.join();
  close(signals_);
  close(ended_);
}

void Interrupts::wait() {
  std::array<pollfd, 2> watched{pollfd{signals_, POLLIN, 0}, pollfd{ended_, POLLIN, 0}};
  while (true) {
    if (poll(watched.data(), watched.size(), -1) < 0 && errno == EINTR) continue;
    if (watched[1].revents != 0) return;
    signalfd_siginfo signal{};
    if (read(signals_, &signal, sizeof signal) != sizeof signal) return;
    if (!listened_ || !source_.request_stop()) _exit(128 + static_cast<int>(signal.ssi_signo));
  }
}

}  // namespace shimmy::app
