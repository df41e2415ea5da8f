#include "app/model_watch.h"

#include <utility>
#include <vector>

namespace shimmy::app {
namespace {

std::vector<std::filesystem::path> paths(std::span<const models::ModelDir> dirs) {
  std::vector<std::filesystem::path> result;
  result.reserve(dirs.size());
  for (const models::ModelDir& dir : dirs) result.push_back(dir.path);
  return result;
}

}  // namespace

ModelWatch::ModelWatch(std::span<const models::ModelDir> dirs, base::Logger log)
    : log_(std::move(log)) {
  follow(dirs);
}

void ModelWatch::follow(std::span<const models::ModelDir> dirs) {
  watcher_.with([&](std::unique_ptr<models::Watcher>& watcher) {
    watcher.reset();
    is_complete_ = false;  // until the new one says so
    watcher = std::make_unique<models::Watcher>(
        paths(dirs), [this](bool is_complete) { on_change(is_complete); }, clock_);
  });
}

std::optional<bool> ModelWatch::take_changed() {
  if (!is_complete_) return std::nullopt;
  return has_changed_.exchange(false);
}

void ModelWatch::on_change(bool is_complete) {
  has_changed_ = true;
  is_complete_ = is_complete;
  if (!is_complete && !has_complained_.exchange(true)) {
    log_.info(
        "not all directories of models can be watched (see fs.inotify.max_user_watches): they are "
        "searched when somebody asks for the models, at most once a second");
  }
}

}  // namespace shimmy::app
