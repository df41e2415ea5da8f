#include "cli/local_services.h"

#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "app/engine_factory.h"
#include "app/environment.h"
#include "app/interrupts.h"
#include "app/model_watch.h"
#include "app/version.h"
#include "models/model_search.h"
#include "transfer/curl_client.h"

namespace shimmy::cli {
namespace {

base::Result<pull::Puller> make_puller(const models::Environment& environment,
                                       const std::string& directory) {
  auto endpoints = pull::endpoints_of(environment);
  if (!endpoints) return std::unexpected(std::move(endpoints).error());
  const std::filesystem::path place = directory.empty() ? models::user_model_dir(environment)
                                                        : std::filesystem::absolute(directory);
  if (place.empty()) {
    return base::fail(base::ErrorCode::InvalidRequest,
                      "Neither XDG_DATA_HOME nor HOME is set: say with --dir where models go.");
  }
  const auto client = std::make_shared<transfer::CurlClient>(transfer::CurlOptions{
      "shimmy/" + std::string(app::version()), environment("SSL_CERT_FILE").value_or("")});
  return pull::Puller({.client = client, .endpoints = std::move(*endpoints), .directory = place});
}

}  // namespace

Services local_services(const base::Logger& log) {
  const auto interrupts = std::make_shared<app::Interrupts>();
  const auto backend = std::make_shared<app::LazyBackend>(log.named("llama"));
  const models::Environment environment = app::process_environment();
  Services services;
  services.environment = environment;
  services.scan = [environment](std::span<const std::string> flags) {
    return models::ModelSearch(models::fact_cache_file(environment))
        .scan(models::search_dirs(flags, environment));
  };
  services.engine_factory = [backend, log](const app::ModelOptions& options) {
    return app::engine_factory(backend, options, log);
  };
  services.encode_prompt = app::encode_prompt;
  services.devices = [backend] { return app::devices(*backend); };
  services.puller = [environment](const std::string& directory) {
    return make_puller(environment, directory);
  };
  services.serve = [backend, environment, log](const app::ServeOptions& options,
                                               const app::Announce& ready, std::stop_token stop) {
    const std::vector<models::ModelDir> dirs = models::search_dirs(options.model_dirs, environment);
    models::ModelSearch search(models::fact_cache_file(environment));
    app::ModelWatch watch(dirs, log.named("models"));
    const app::ServeParts parts{[&] { return search.scan(dirs); },
                                app::engine_factory(backend, options.engine, log),
                                log.named("server"), [&watch] { return watch.take_changed(); },
                                [environment] { return make_puller(environment, {}); }};
    return app::serve(options, parts, ready, std::move(stop));
  };
  services.stop = [interrupts] { return interrupts->token(); };
  services.renewed_stop = [interrupts] { return interrupts->renewed_token(); };
  services.http = std::make_shared<transfer::CurlClient>();
  return services;
}

}  // namespace shimmy::cli
