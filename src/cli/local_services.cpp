#include "cli/local_services.h"

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "app/configure.h"
#include "app/engine_factory.h"
#include "app/environment.h"
#include "app/interrupts.h"
#include "base/guarded.h"

namespace shimmy::cli {
namespace {

std::vector<models::ModelDir> search_dirs(const app::ServeOptions& options,
                                          const models::Environment& environment) {
  return models::model_dirs(options.model_dirs, environment, options.config_dirs);
}

}  // namespace

Services local_services(const base::Logger& log) {
  const auto interrupts = std::make_shared<app::Interrupts>();
  const auto backend = std::make_shared<app::LazyBackend>(log.named("llama"));
  const models::Environment environment = app::process_environment();
  Services services;
  services.environment = environment;
  services.scan = [environment](std::span<const std::string> flags) {
    return models::Catalog::scan(models::model_dirs(flags, environment));
  };
  services.engine_factory = [backend, log](const app::ModelOptions& options) {
    return app::engine_factory(backend, options, log);
  };
  services.encode_prompt = app::encode_prompt;
  services.devices = [backend] { return app::devices(*backend); };
  services.serve = [backend, environment, log, interrupts](const app::ServeOptions& options,
                                                           const app::Announce& ready,
                                                           std::stop_token stop) {
    base::Guarded<std::vector<models::ModelDir>> dirs(search_dirs(options, environment));
    const app::ServeParts parts{
        .scan = [&dirs] { return models::Catalog::scan(dirs.copy()); },
        .engine_factory = app::engine_factory(backend, options.engine, log),
        .log = log.named("server"),
        .read_options = [&] { return app::configure(options.sources, environment); },
        .options_changed =
            [&](const app::ServeOptions& fresh) {
              auto found = search_dirs(fresh, environment);
              dirs.with([&](auto& current) { current = std::move(found); });
            },
        .on_hangup =
            [&](std::function<void()> reload) { interrupts->on_hangup(std::move(reload)); }};
    return app::serve(options, parts, ready, std::move(stop));
  };
  services.stop = [interrupts] { return interrupts->token(); };
  return services;
}

}  // namespace shimmy::cli
