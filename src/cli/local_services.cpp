#include "cli/local_services.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "app/configure.h"
#include "app/engine_factory.h"
#include "app/environment.h"
#include "app/interrupts.h"
#include "app/model_lookup.h"
#include "app/model_watch.h"
#include "app/version.h"
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

// As the server would look, but with these values of --model-dir.
std::unique_ptr<app::ModelLookup> lookup_of(std::span<const std::string> flags,
                                            const models::Environment& environment,
                                            const base::Logger& log) {
  app::ServeOptions options;
  if (auto configured = app::configure({}, environment)) options = std::move(*configured);
  else log.warning("The configuration is ignored: {}", configured.error().message);
  options.model_dirs.assign(flags.begin(), flags.end());
  auto lookup = std::make_unique<app::ModelLookup>(options, environment, log.named("models"));
  lookup->add_aliases(options.rules);
  return lookup;
}

}  // namespace

Services local_services(const base::Logger& log) {
  const auto interrupts = std::make_shared<app::Interrupts>();
  const auto backend = std::make_shared<app::LazyBackend>(log.named("llama"));
  const models::Environment environment = app::process_environment();
  Services services;
  services.environment = environment;
  services.scan = [environment, log](std::span<const std::string> flags) {
    return lookup_of(flags, environment, log)->scan();
  };
  services.engine_factory = [backend, log](const app::ModelOptions& options) {
    return app::engine_factory(backend, options, log);
  };
  services.server_settings = [environment] { return app::configure({}, environment); };
  services.encode_prompt = app::encode_prompt;
  services.devices = [backend] { return app::devices(*backend); };
  services.kernel_use = [backend, environment]() -> base::Result<app::KernelUse> {
    app::KernelUse use = backend->kernel_use();
    if (!use.kernels.empty()) return use;
    const auto configured = app::configure({}, environment);
    return app::expected_kernels(configured ? configured->engine.kernels : kernels::Choice::Auto);
  };
  services.measure_kernels = [backend](const app::KernelSpeedOptions& options,
                                       const app::SpeedProgress& progress) {
    return app::measure_kernels(*backend, options, progress);
  };
  services.puller = [environment](const std::string& directory) {
    return make_puller(environment, directory);
  };
  services.serve = [backend, environment, log, interrupts](
                       const app::ServeOptions& options, const app::Announce& ready,
                       std::stop_token stop) -> base::Result<void> {
    if (const auto kernels = app::expected_kernels(options.engine.kernels); !kernels)
      return std::unexpected(kernels.error());
    app::ModelLookup lookup(options, environment, log.named("models"));
    app::ModelWatch watch(lookup.dirs(), log.named("models"));
    const app::ServeParts parts{
        .scan = [&lookup] { return lookup.scan(); },
        .engine_factory = app::engine_factory(backend, options.engine, log),
        .log = log.named("server"),
        .changed = [&watch] { return watch.take_changed(); },
        .puller = [environment] { return make_puller(environment, {}); },
        .read_options = [&] { return app::configure(options.sources, environment); },
        .options_changed =
            [&](const app::ServeOptions& fresh) {
              lookup.follow(fresh);
              watch.follow(lookup.dirs());
            },
        .on_hangup =
            [&](std::function<void()> reload) { interrupts->on_hangup(std::move(reload)); }};
    return app::serve(options, parts, ready, std::move(stop));
  };
  services.stop = [interrupts] { return interrupts->token(); };
  services.renewed_stop = [interrupts] { return interrupts->renewed_token(); };
  services.http = std::make_shared<transfer::CurlClient>();
  return services;
}

}  // namespace shimmy::cli
