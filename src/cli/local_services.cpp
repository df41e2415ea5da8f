#include "cli/local_services.h"

#include <memory>

#include "app/engine_factory.h"
#include "app/environment.h"
#include "app/interrupts.h"
#include "transfer/curl_client.h"

namespace shimmy::cli {

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
  services.serve = [backend, environment, log](const app::ServeOptions& options,
                                               const app::Announce& ready, std::stop_token stop) {
    const app::ServeParts parts{[dirs = models::model_dirs(options.model_dirs, environment)] {
                                  return models::Catalog::scan(dirs);
                                },
                                app::engine_factory(backend, options.engine, log),
                                log.named("server")};
    return app::serve(options, parts, ready, std::move(stop));
  };
  services.stop = [interrupts] { return interrupts->token(); };
  services.renewed_stop = [interrupts] { return interrupts->renewed_token(); };
  services.http = std::make_shared<transfer::CurlClient>();
  return services;
}

}  // namespace shimmy::cli
