#include "app/serve.h"

#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "api/routes.h"
#include "app/local_models.h"
#include "app/port_check.h"
#include "app/service_manager.h"
#include "app/version.h"
#include "base/clock.h"
#include "base/machine.h"
#include "base/quantity.h"
#include "chat/chat_template.h"
#include "http/router.h"
#include "http/server.h"
#include "models/memory_budget.h"
#include "models/memory_forecast.h"

namespace shimmy::app {
namespace {

using base::Result;

void wait_for(std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any requested;
  std::unique_lock lock(mutex);
  requested.wait(lock, std::move(stop), [] { return false; });
}

// The user's template shows its errors at the start, not with the first request.
Result<void> check_template(const std::string& text) {
  if (text.empty()) return {};
  if (auto made = chat::ChatTemplate::create({}, text); !made) {
    return std::unexpected(std::move(made).error());
  }
  return {};
}

// A connection is a file: shells allow 1,024 at first, and as many as the hard limit says if asked.
void allow_many_files(const base::Logger& log) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) == 0) {
    log.debug("this process may open {} files", limit.rlim_cur);
  }
}

std::string machine_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

http::ServerOptions server_options(const ServeOptions& options, std::vector<int> sockets) {
  http::ServerOptions result;
  const bool is_unix = !options.bind.unix_path.empty();
  result.address = is_unix ? to_string(options.bind) : options.bind.host;
  result.port = options.bind.port;
  result.inherited_sockets = std::move(sockets);
  result.tls_certificate = options.tls_certificate;
  result.tls_key = options.tls_key;
  result.access.machine_name = machine_name();
  result.access.allowed_hosts = options.access.allowed_hosts;
  result.access.allowed_origins = options.access.allowed_origins;
  result.access.api_keys = options.access.api_keys;
  result.rates = {.requests_per_minute = options.access.requests_per_minute,
                  .units_per_minute = options.access.tokens_per_minute,
                  .units_name = "tokens"};
  // OpenAI's names: clients log them.
  result.processing_header = "openai-processing-ms";
  result.extra_headers = {{"openai-version", "2020-10-01"}};
  result.server_name = fmt::format("shimmy/{}", version());
  return result;
}

std::uint64_t budget_bytes(const ServeOptions& options) {
  if (options.memory_budget_bytes > 0) return options.memory_budget_bytes;
  return models::default_budget_bytes(base::machine_memory(), base::resident_bytes());
}

models::PoolOptions pool_options(const ServeOptions& options, models::MemoryBudget& budget) {
  models::MemoryPlan plan;
  plan.mmap = options.engine.mmap;
  if (options.engine.parallel > 0) plan.sequences = options.engine.parallel;
  return {.keep_alive = options.keep_alive,
          .budget = &budget,
          .forecast = models::gguf_forecaster(plan, options.engine.context_tokens)};
}

// With the port that was chosen, or where a service manager listens for us.
BindAddress bound_address(const http::Server& server, const BindAddress& asked, bool is_activated) {
  if (is_activated) return parse_bind_address(server.address()).value_or(asked);
  BindAddress address = asked;
  if (address.unix_path.empty()) address.port = server.port();
  return address;
}

// Says who has the port, and which one could be had.
base::Error explain_bind(base::Error error, const BindAddress& bind) {
  if (!bind.unix_path.empty() || is_free(bind)) return error;
  if (const std::string owner = listener_on(bind.port); !owner.empty()) {
    error.details = fmt::format("{} listens on port {}.", owner, bind.port);
  }
  if (const auto port = next_free_port(bind)) {
    error.details += fmt::format("{}Port {} is free: shimmy serve --port {}",
                                 error.details.empty() ? "" : " ", *port, *port);
  }
  return error;
}

// Offers the model named on the command line, by name or by path. Empty when none is named.
Result<std::optional<models::ModelEntry>> named_model(const std::string& name,
                                                      LocalModels& models) {
  if (name.empty()) return std::nullopt;
  auto entry = models.catalog()->resolve(name);
  if (!entry) return std::unexpected(std::move(entry).error());
  models.add(*entry);
  return std::move(*entry);
}

Result<void> load(const models::ModelEntry& entry, models::ModelPool& pool, std::stop_token stop) {
  const std::stop_callback abort(std::move(stop), [&] { pool.drain(); });
  // Named at the start, it is wanted as long as nothing else needs its memory.
  models::LoadOptions options;
  options.keep_alive =
      entry.defaults.load.keep_alive.value_or(models::KeepAlive{.duration = std::nullopt});
  if (auto engine = pool.acquire(entry, options); !engine) {
    return std::unexpected(std::move(engine).error());
  }
  return {};
}

}  // namespace

Result<void> serve(const ServeOptions& options, const ServeParts& parts, const Announce& ready,
                   std::stop_token stop) {
  if (auto usable = check_template(options.chat_template); !usable) return usable;
  allow_many_files(parts.log);
  const base::SteadyClock clock;
  models::MemoryBudget budget(budget_bytes(options));
  models::ModelPool pool(parts.engine_factory, clock, pool_options(options, budget));
  parts.log.debug("models may take {} of memory", base::human_bytes(budget.total_bytes()));
  LocalModels models(parts.scan, pool, clock, options.chat_template);
  std::atomic<bool> is_ready = false;
  const api::Dependencies dependencies{models, std::string(version()),
                                       [&is_ready] { return is_ready.load(); }};
  auto first = named_model(options.model, models);
  if (!first) return std::unexpected(std::move(first).error());
  // Answering before the model is loaded: a taken port shows at once, and probes see that the
  // server is not ready yet.
  auto sockets = inherited_sockets();
  if (!sockets) return std::unexpected(std::move(sockets).error());
  const bool is_activated = !sockets->empty();
  auto server =
      http::Server::create(server_options(options, std::move(*sockets)),
                           http::Router(api::routes(dependencies)), api::render_error, parts.log);
  if (!server) return std::unexpected(explain_bind(std::move(server).error(), options.bind));
  (*server)->start();
  if (const std::optional<models::ModelEntry>& entry = *first) {
    if (auto loaded = load(*entry, pool, stop); !loaded) {
      pool.drain();
      (*server)->stop();
      if (stop.stop_requested()) return {};
      return loaded;
    }
  }
  is_ready = true;
  const BindAddress address = bound_address(**server, options.bind, is_activated);
  const ServiceNotifier manager = ServiceNotifier::from_environment();
  manager.tell(fmt::format("READY=1\nSTATUS=Serving on {}.", to_string(address)));
  ready(address, *models.catalog());
  wait_for(std::move(stop));

  is_ready = false;
  manager.tell("STOPPING=1\nSTATUS=Running requests are finishing.");
  parts.log.info("stopping: running requests have {} s to finish", options.drain_timeout.count());
  if (!(*server)->drain(options.drain_timeout)) {
    parts.log.warning("some requests did not finish in time and were cut");
  }
  // First what the handlers wait for, so that they end; then the threads that they run on.
  pool.drain();
  (*server)->stop();
  pool.stop();
  return {};
}

}  // namespace shimmy::app
