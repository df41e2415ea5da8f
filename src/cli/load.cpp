#include "cli/load.h"

#include <utility>

#include "base/clock.h"
#include "cli/loading_bar.h"
#include "cli/model_choice.h"

namespace shimmy::cli {

base::Result<Loaded> load_model(const std::string& wanted,
                                const std::vector<std::string>& model_dirs,
                                const app::ModelOptions& options, Terminal& terminal,
                                const Services& services) {
  auto entry = choose_model(services.scan(model_dirs), wanted, services.environment,
                            models::read_file_facts);
  if (!entry) return std::unexpected(std::move(entry).error());

  const std::stop_token stop = services.stop();
  const base::SteadyClock clock;
  const auto started = clock.now();
  LoadingBar bar(terminal, entry->name);
  app::ModelOptions alone = options;
  // Most commands ask for one thing at a time: no memory for other sequences.
  if (alone.parallel == 0) alone.parallel = 1;
  auto engine = services.engine_factory(alone)({.entry = *entry, .progress = [&](float done) {
                                                  bar.show(done);
                                                  return !stop.stop_requested();
                                                }});
  if (!engine) return std::unexpected(std::move(engine).error());
  if (stop.stop_requested()) {
    return base::fail(base::ErrorCode::Cancelled, "Interrupted while {} was loading.", entry->name);
  }
  return Loaded{std::move(*entry), std::move(*engine), base::milliseconds(clock.now() - started)};
}

}  // namespace shimmy::cli
