// A ModelControl whose models the test puts in.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "api/model_control.h"

namespace shimmy::support {

// Any thread may call any member.
class FakeModelControl final : public api::ModelControl {
 public:
  void add(pool::ModelStatus status);

  // The next load or unload fails so.
  void fail(base::Error error);

  // Called by each load, on its thread, before it is done.
  void on_load(std::function<void(const pool::LoadProgress&, std::stop_token)> during);

  void set_discovery(api::Discovery discovery);

  std::optional<models::LoadOptions> loaded_with() const;
  std::optional<api::Unload> unloaded_how() const;

  base::Result<pool::ModelStatus> load(std::string_view name, const models::LoadOptions& options,
                                       const pool::LoadProgress& progress,
                                       std::stop_token stop) override;
  base::Result<pool::ModelStatus> unload(std::string_view name, api::Unload how,
                                         std::stop_token stop) override;
  base::Result<pool::ModelStatus> status(std::string_view name) override;
  std::vector<pool::ModelStatus> statuses() override;
  api::Discovery discover() override;

 private:
  // With mutex_ held.
  base::Result<pool::ModelStatus*> find(std::string_view name);

  mutable std::mutex mutex_;
  // guarded by mutex_
  std::map<std::string, pool::ModelStatus, std::less<>> statuses_;
  std::optional<base::Error> failure_;
  std::function<void(const pool::LoadProgress&, std::stop_token)> during_;
  api::Discovery discovery_;
  std::optional<models::LoadOptions> options_;
  std::optional<api::Unload> how_;
};

}  // namespace shimmy::support
