#include "http/session_list.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "http/session.h"

namespace shimmy::http {
namespace {

using std::chrono::milliseconds;

// Deadlines are kept to a quarter of the shortest of them.
milliseconds tick_period(const Limits& limits) {
  const milliseconds shortest = std::min(
      {limits.header_time, limits.body_time, limits.body_pause, limits.idle_time, limits.write_time,
       limits.heartbeat_time, limits.ping_time.count() == 0 ? limits.idle_time : limits.ping_time});
  return std::clamp(shortest / 4, milliseconds(5), milliseconds(1000));
}

}  // namespace

SessionList::SessionList(std::shared_ptr<Service> service, std::shared_ptr<IoThread> thread)
    : service_(std::move(service)),
      thread_(std::move(thread)),
      ids_(std::make_shared<RequestIds>()) {}

SessionList::~SessionList() = default;

void SessionList::add(std::shared_ptr<Transport> transport, ConnectionCount::Token token) {
  if (is_closed_ || service_->is_draining) {
    transport->close();
    return;
  }
  const auto session = std::make_shared<Session>(
      Session::Surroundings{.service = service_,
                            .thread = thread_,
                            .ids = ids_,
                            .place = service_->addresses.enter(transport->peer()),
                            .closed = [this](Session* closed) { sessions_.erase(closed); }},
      std::move(transport), std::move(token));
  sessions_.emplace(session.get(), session);
  session->start();
  if (is_ticking_) return;
  is_ticking_ = true;
  thread_->tick_every(tick_period(service_->limits), [this] { return tick(); });
}

void SessionList::drain() {
  // Copies here and below, as close() takes them out.
  for (const auto& [key, session] : std::unordered_map(sessions_)) session->drain();
}

void SessionList::stop() {
  for (const auto& [key, session] : std::unordered_map(sessions_)) session->stop();
}

void SessionList::close_all() {
  is_closed_ = true;
  for (const auto& [key, session] : std::unordered_map(sessions_)) session->close();
}

bool SessionList::tick() {
  const auto now = std::chrono::steady_clock::now();
  // What would be late at the next tick.
  const auto quiet_since = now + tick_period(service_->limits) - service_->limits.heartbeat_time;
  for (const auto& [key, session] : std::unordered_map(sessions_)) {
    session->check_deadline(now);
    session->beat(quiet_since);
  }
  is_ticking_ = !sessions_.empty();
  return is_ticking_;
}

}  // namespace shimmy::http
