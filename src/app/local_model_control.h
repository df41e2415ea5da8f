// Loading and unloading by name, for the endpoints that manage models.
#pragma once

#include "api/model_control.h"
#include "app/local_models.h"
#include "pool/model_pool.h"

namespace shimmy::app {

// Both must outlive it.
class LocalModelControl final : public api::ModelControl {
 public:
  LocalModelControl(LocalModels& models, pool::ModelPool& pool) : models_(models), pool_(pool) {}

  base::Result<pool::ModelStatus> load(std::string_view name, const models::LoadOptions& options,
                                       const pool::LoadProgress& progress,
                                       std::stop_token stop) override;
  base::Result<pool::ModelStatus> unload(std::string_view name, api::Unload how,
                                         std::stop_token stop) override;
  base::Result<pool::ModelStatus> status(std::string_view name) override;
  std::vector<pool::ModelStatus> statuses() override { return pool_.statuses(); }
  api::Discovery discover() override;

 private:
  LocalModels& models_;
  pool::ModelPool& pool_;
};

}  // namespace shimmy::app
