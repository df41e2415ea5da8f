#include "app/interrupts.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

namespace shimmy::app {
namespace {

// Closing a terminal sends SIGHUP, too: nobody is left then who could stop the process.
bool is_terminal_gone() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    struct stat status{};
    pollfd watched{descriptor, POLLIN, 0};
    const bool is_device = fstat(descriptor, &status) == 0 && S_ISCHR(status.st_mode);
    if (is_device && poll(&watched, 1, 0) > 0 && (watched.revents & POLLHUP) != 0) return true;
  }
  return false;
}

}  // namespace

Interrupts::Interrupts() : ended_(eventfd(0, EFD_CLOEXEC)) {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGHUP);
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

std::stop_token Interrupts::token() {
  listened_ = true;
  const std::lock_guard lock(mutex_);
  return source_.get_token();
}

std::stop_token Interrupts::renewed_token() {
  listened_ = true;
  const std::lock_guard lock(mutex_);
  is_renewed_ = true;
  if (source_.stop_requested() && !is_final_) source_ = std::stop_source();
  return source_.get_token();
}

// False where the process is to end at once instead.
bool Interrupts::request_stop(bool is_final) {
  std::stop_source source(std::nostopstate);
  bool is_pardoned = false;
  {
    const std::lock_guard lock(mutex_);
    // A SIGTERM after a SIGINT that ended a piece of work is the first of its kind.
    is_pardoned = is_renewed_ && (!is_final || !is_final_);
    is_final_ = is_final_ || is_final;
    source = source_;
  }
  return source.request_stop() || is_pardoned;  // outside the lock: callbacks may ask for a token
}

void Interrupts::on_hangup(std::function<void()> reload) {
  reload_.with([&](auto& current) { current = std::move(reload); });
}

bool Interrupts::is_reload() {
  return reload_.with([](const std::function<void()>& reload) {
    if (!reload || is_terminal_gone()) return false;
    reload();
    return true;
  });
}

void Interrupts::wait() {
  std::array<pollfd, 2> watched{pollfd{signals_, POLLIN, 0}, pollfd{ended_, POLLIN, 0}};
  while (true) {
    if (poll(watched.data(), watched.size(), -1) < 0 && errno == EINTR) continue;
    if (watched[1].revents != 0) return;
    signalfd_siginfo signal{};
    if (read(signals_, &signal, sizeof signal) != sizeof signal) return;
    if (signal.ssi_signo == SIGHUP && is_reload()) continue;
    if (!listened_ || !request_stop(signal.ssi_signo == SIGTERM)) {
      _exit(128 + static_cast<int>(signal.ssi_signo));
    }
  }
}

}  // namespace shimmy::app
