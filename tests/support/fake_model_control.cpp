#include "support/fake_model_control.h"

#include <utility>

namespace shimmy::support {

using base::Result;
using pool::ModelState;
using pool::ModelStatus;

void FakeModelControl::add(ModelStatus status) {
  const std::lock_guard lock(mutex_);
  std::string name = status.name;
  statuses_.insert_or_assign(std::move(name), std::move(status));
}

void FakeModelControl::fail(base::Error error) {
  const std::lock_guard lock(mutex_);
  failure_ = std::move(error);
}

void FakeModelControl::on_load(
    std::function<void(const pool::LoadProgress&, std::stop_token)> during) {
  const std::lock_guard lock(mutex_);
  during_ = std::move(during);
}

void FakeModelControl::set_discovery(api::Discovery discovery) {
  const std::lock_guard lock(mutex_);
  discovery_ = std::move(discovery);
}

std::optional<models::LoadOptions> FakeModelControl::loaded_with() const {
  const std::lock_guard lock(mutex_);
  return options_;
}

std::optional<api::Unload> FakeModelControl::unloaded_how() const {
  const std::lock_guard lock(mutex_);
  return how_;
}

Result<ModelStatus*> FakeModelControl::find(std::string_view name) {
  if (failure_) return std::unexpected(*std::exchange(failure_, std::nullopt));
  const auto found = statuses_.find(name);
  if (found == statuses_.end()) {
    return base::fail(base::ErrorCode::ModelNotFound, "There is no model \"{}\".", name);
  }
  return &found->second;
}

Result<ModelStatus> FakeModelControl::load(std::string_view name,
                                           const models::LoadOptions& options,
                                           const pool::LoadProgress& progress,
                                           std::stop_token stop) {
  decltype(during_) during;
  {
    const std::lock_guard lock(mutex_);
    during = during_;
  }
  if (during) during(progress, std::move(stop));
  const std::lock_guard lock(mutex_);
  auto found = find(name);
  if (!found) return std::unexpected(std::move(found).error());
  options_ = options;
  (*found)->state = ModelState::Ready;
  return **found;
}

Result<ModelStatus> FakeModelControl::unload(std::string_view name, api::Unload how,
                                             std::stop_token /*stop*/) {
  const std::lock_guard lock(mutex_);
  auto found = find(name);
  if (!found) return std::unexpected(std::move(found).error());
  how_ = how;
  (*found)->state = ModelState::Unloaded;
  return **found;
}

Result<ModelStatus> FakeModelControl::status(std::string_view name) {
  const std::lock_guard lock(mutex_);
  auto found = find(name);
  if (!found) return std::unexpected(std::move(found).error());
  return **found;
}

std::vector<ModelStatus> FakeModelControl::statuses() {
  const std::lock_guard lock(mutex_);
  std::vector<ModelStatus> result;
  for (const auto& [name, status] : statuses_) {
    if (status.state != ModelState::Unloaded) result.push_back(status);
  }
  return result;
}

api::Discovery FakeModelControl::discover() {
  const std::lock_guard lock(mutex_);
  return discovery_;
}

}  // namespace shimmy::support
