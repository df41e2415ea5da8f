#include "http/io_thread.h"

#include <pthread.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/network.h"

namespace shimmy::http {

struct IoThread::Loop {
  asio::io_context context{1};
  asio::executor_work_guard<Executor> work{context.get_executor()};
  // The thread only:
  Timer timer{context};
  std::chrono::milliseconds period{};
  std::function<bool()> tick;
};

IoThread::IoThread(std::string name, base::Logger log)
    : name_(std::move(name)), log_(std::move(log)), loop_(std::make_unique<Loop>()) {}

IoThread::~IoThread() = default;

asio::io_context& IoThread::context() { return loop_->context; }

void IoThread::start() {
  thread_ = std::jthread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), name_.c_str());
}

void IoThread::post(std::function<void()> task) {
  const bool must_wake = mailbox_.with([&](Mailbox& mailbox) {
    if (mailbox.is_closed) return false;
    mailbox.tasks.push_back(std::move(task));
    return !std::exchange(mailbox.is_woken, true);
  });
  if (must_wake) asio::post(loop_->context, [this] { run_mail(); });
}

bool IoThread::is_current() const { return loop_->context.get_executor().running_in_this_thread(); }

void IoThread::tick_every(std::chrono::milliseconds period, std::function<bool()> tick) {
  loop_->period = period;
  loop_->tick = std::move(tick);
  next_tick();
}

void IoThread::next_tick() {
  loop_->timer.expires_after(loop_->period);
  loop_->timer.async_wait([this](NetworkError error) {
    if (!error && loop_->tick && loop_->tick()) next_tick();
  });
}

void IoThread::finish() {
  mailbox_.with([](Mailbox& mailbox) { mailbox.is_closed = true; });
  // After the tasks at hand, as the loop keeps order.
  asio::post(loop_->context, [this] {
    loop_->tick = nullptr;
    loop_->timer.cancel();
    loop_->work.reset();
  });
  if (thread_.joinable()) thread_.join();
  // Outside the lock: what a task holds may post when it goes.
  const std::vector<std::function<void()>> dropped =
      mailbox_.with([](Mailbox& mailbox) { return std::exchange(mailbox.tasks, {}); });
}

void IoThread::run_mail() {
  const std::vector<std::function<void()>> tasks = mailbox_.with([](Mailbox& mailbox) {
    mailbox.is_woken = false;
    return std::exchange(mailbox.tasks, {});
  });
  for (const std::function<void()>& task : tasks) run_guarded(task);
}

void IoThread::run_guarded(const std::function<void()>& task) {
  try {
    task();
  } catch (const std::exception& error) {
    log_.error("A task on an I/O thread threw: {}.", error.what());
  }
}

void IoThread::run() {
  bool is_done = false;
  while (!is_done) {
    run_guarded([&] {
      loop_->context.run();
      is_done = true;
    });
  }
}

}  // namespace shimmy::http
