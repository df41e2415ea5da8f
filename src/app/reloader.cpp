#include "app/reloader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace shimmy::app {
namespace {

std::optional<SettingValue> value_in(const std::map<std::string, EffectiveSetting>& settings,
                                     const std::string& key) {
  const auto found = settings.find(key);
  return found == settings.end() ? std::nullopt : found->second.value;
}

void log_outcome(const base::Logger& log, const ReloadOutcome& outcome) {
  const std::string file = outcome.file.empty() ? "no file" : outcome.file;
  if (outcome.changed.empty()) log.info("reload: {}: nothing new acts", file);
  else log.info("reload: {}: now acts: {}", file, fmt::join(outcome.changed, ", "));
  if (!outcome.needs_restart.empty()) {
    log.warning("reload: needs a restart to act: {}", fmt::join(outcome.needs_restart, ", "));
  }
}

}  // namespace

Reloader::Reloader(const ServeOptions& running, Read read, base::Logger log)
    : read_(std::move(read)),
      log_(std::move(log)),
      started_(settings_of(running)),
      acting_(started_),
      api_keys_(running.access.api_keys) {}

Reloader::Settings Reloader::settings_of(const ServeOptions& options) {
  Settings settings;
  for (const EffectiveSetting& setting : options.settings) settings[setting.key] = setting;
  return settings;
}

base::Result<ReloadOutcome> Reloader::reload() {
  const std::lock_guard lock(mutex_);
  auto fresh = read_();
  if (!fresh) {
    log_.error("reload: nothing has changed. {} {}", fresh.error().message, fresh.error().details);
    return std::unexpected(std::move(fresh).error());
  }
  Settings settings = settings_of(*fresh);
  ReloadOutcome outcome = compare(*fresh, settings);
  for (const Apply& apply : appliers_) apply(*fresh);
  log_outcome(log_, outcome);
  acting_ = std::move(settings);
  api_keys_ = std::move(fresh->access.api_keys);
  return outcome;
}

ReloadOutcome Reloader::compare(const ServeOptions& fresh, const Settings& settings) const {
  ReloadOutcome outcome{.file = fresh.config_file, .changed = {}, .needs_restart = {}};
  Settings all = acting_;
  all.insert(settings.begin(), settings.end());
  for (const auto& [key, setting] : all) {
    const bool is_live = setting.rule->changes_live;
    if (value_in(is_live ? acting_ : started_, key) == value_in(settings, key)) continue;
    (is_live ? outcome.changed : outcome.needs_restart).push_back(key);
  }
  const bool is_told = std::ranges::any_of(
      outcome.changed, [](const std::string& key) { return key.starts_with("access.api_key"); });
  if (fresh.access.api_keys != api_keys_ && !is_told)
    outcome.changed.emplace_back("access.api_key_file");
  return outcome;
}

}  // namespace shimmy::app
