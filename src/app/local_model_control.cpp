#include "app/local_model_control.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace shimmy::app {
namespace {

using base::Result;
using models::LoadOptions;
using pool::ModelStatus;

Result<void> check(const LoadOptions& options) {
  if (options.context_tokens == 0U) {
    return base::fail_field("ctx", "A context has 1 token at least, not 0.");
  }
  if (options.parallel == 0U) {
    return base::fail_field("parallel", "At least 1 request is decoded at a time, not 0.");
  }
  if (options.gpu_layers && *options.gpu_layers < -1) {
    return base::fail_field("gpu_layers",
                            "gpu_layers is a number of layers, or -1 for all: not {}.",
                            *options.gpu_layers);
  }
  if (options.keep_alive && options.keep_alive->duration &&
      *options.keep_alive->duration < std::chrono::seconds(0)) {
    return base::fail_field("keep_alive", "keep_alive is 0 seconds or more, or without end.");
  }
  return {};
}

std::set<std::string> names(const models::Catalog& catalog) {
  std::set<std::string> result;
  for (const models::ModelEntry& entry : catalog.entries()) result.insert(entry.name);
  return result;
}

std::vector<std::string> missing_in(const std::set<std::string>& all,
                                    const std::set<std::string>& some) {
  std::vector<std::string> result;
  std::ranges::set_difference(all, some, std::back_inserter(result));
  return result;
}

}  // namespace

Result<ModelStatus> LocalModelControl::load(std::string_view name, const LoadOptions& options,
                                            const pool::LoadProgress& progress,
                                            std::stop_token stop) {
  if (auto checked = check(options); !checked) return std::unexpected(std::move(checked).error());
  const auto entry = models_.find(name);
  if (!entry) return std::unexpected(entry.error());
  return pool_.load(*entry, options, progress, stop);
}

Result<ModelStatus> LocalModelControl::unload(std::string_view name, api::Unload how,
                                              std::stop_token stop) {
  const auto entry = models_.find(name);
  if (!entry) return std::unexpected(entry.error());
  const bool is_forced = how == api::Unload::Force;
  return pool_.unload(*entry, is_forced ? pool::UnloadKind::Force : pool::UnloadKind::Drain, stop);
}

Result<ModelStatus> LocalModelControl::status(std::string_view name) {
  const auto entry = models_.find(name);
  if (!entry) return std::unexpected(entry.error());
  return pool_.status(*entry);
}

api::Discovery LocalModelControl::discover() {
  const LocalModels::Change change = models_.rescan();
  const std::set<std::string> before = names(*change.before);
  const std::set<std::string> now = names(*change.now);
  return {.models = models_.list(),
          .added = missing_in(now, before),
          .removed = missing_in(before, now),
          .broken = change.now->broken()};
}

}  // namespace shimmy::app
