// Whether the files of models have changed since somebody last asked.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <span>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/log.h"
#include "models/model_dirs.h"
#include "models/watcher.h"

namespace shimmy::app {

// Watches from its construction on. Any thread may call any member.
class ModelWatch {
 public:
  ModelWatch(std::span<const models::ModelDir> dirs, base::Logger log);

  // Watches these directories from now on, in place of the others.
  void follow(std::span<const models::ModelDir> dirs);

  // True once after each change; empty where not everything can be watched, which is logged once.
  std::optional<bool> take_changed();

 private:
  void on_change(bool is_complete);

  const base::Logger log_;
  const base::SteadyClock clock_;
  std::atomic<bool> is_complete_ = false;
  std::atomic<bool> has_changed_ = true;
  std::atomic<bool> has_complained_ = false;
  base::Guarded<std::unique_ptr<models::Watcher>> watcher_;  // last: its thread uses the others
};

}  // namespace shimmy::app
