#include "scheduler/queue_shares.h"

#include <map>
#include <mutex>
#include <utility>

namespace shimmy::scheduler {

struct QueueShares::State {
  explicit State(std::size_t all) : places(all) {}

  const std::size_t places;
  std::mutex mutex;
  // guarded by mutex
  std::size_t waiting = 0;
  std::map<std::string, std::size_t> held;  // by client
};

QueueShares::QueueShares(std::size_t places) : state_(std::make_shared<State>(places)) {}

QueueShares::~QueueShares() = default;

QueueShares::Ticket QueueShares::enter(const std::string& client) {
  const std::lock_guard lock(state_->mutex);
  const std::size_t free = state_->places - state_->waiting;
  const auto known = state_->held.find(client);
  const std::size_t held = known == state_->held.end() ? 0 : known->second;
  if (free == 0 || held >= 2 * free) return nullptr;
  ++state_->waiting;
  ++state_->held[client];
  return {this, [state = state_, client](void*) {
            const std::lock_guard release(state->mutex);
            --state->waiting;
            const auto place = state->held.find(client);
            if (--place->second == 0) state->held.erase(place);
          }};
}

std::size_t QueueShares::waiting() const {
  const std::lock_guard lock(state_->mutex);
  return state_->waiting;
}

}  // namespace shimmy::scheduler
