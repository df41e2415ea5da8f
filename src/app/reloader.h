// Reads the configuration again while the server runs.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "app/options.h"
#include "base/error.h"
#include "base/log.h"

namespace shimmy::app {

// What a new look at the configuration came to: keys such as "server.port".
struct ReloadOutcome {
  std::string file;                        // that was read; empty: none
  std::vector<std::string> changed;        // and act from now on
  std::vector<std::string> needs_restart;  // to act: not as the server began
};

// Any thread.
class Reloader {
 public:
  using Read = std::function<base::Result<ServeOptions>()>;
  using Apply = std::function<void(const ServeOptions& options)>;

  // `running`: what the server began with.
  Reloader(const ServeOptions& running, Read read, base::Logger log);

  // `apply` takes from new options what can change while serving. Before the first reload().
  void add(Apply apply) { appliers_.push_back(std::move(apply)); }

  // Reads, and hands what it read to everybody who was added, one reload at a time. Fails as the
  // reading does: then nothing has changed. Logs either.
  base::Result<ReloadOutcome> reload();

 private:
  using Settings = std::map<std::string, EffectiveSetting>;  // by key

  static Settings settings_of(const ServeOptions& options);
  ReloadOutcome compare(const ServeOptions& fresh, const Settings& settings) const;

  const Read read_;
  const base::Logger log_;
  std::vector<Apply> appliers_;
  std::mutex mutex_;
  const Settings started_;             // what the server began with
  Settings acting_;                    // what can change, as it is now; guarded by mutex_
  std::vector<std::string> api_keys_;  // of a file, too, whose name stays; guarded by mutex_
};

}  // namespace shimmy::app
