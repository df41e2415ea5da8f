#include "app/serve.h"

#include <fmt/core.h>
#include <sys/resource.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "api/routes.h"
#include "app/local_model_control.h"
#include "app/local_models.h"
#include "app/memory_settings.h"
#include "app/model_pull.h"
#include "app/part_options.h"
#include "app/port_check.h"
#include "app/reloader.h"
#include "app/service_manager.h"
#include "app/version.h"
#include "base/clock.h"
#include "base/machine.h"
#include "base/quantity.h"
#include "chat/chat_template.h"
#include "http/router.h"
#include "http/server.h"
#include "pool/memory_budget.h"

namespace shimmy::app {
namespace {

using base::Result;

void wait_for(std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any requested;
  std::unique_lock lock(mutex);
  requested.wait(lock, std::move(stop), [] { return false; });
}

// The user's templates show their errors at the start, not with the first request.
Result<void> check_templates(const ModelRules& rules) {
  std::vector<const models::ModelDefaults*> all{&rules.usual, &rules.forced};
  for (const ModelRule& rule : rules.models) all.push_back(&rule.defaults);
  for (const models::ModelDefaults* defaults : all) {
    if (defaults->chat_template.empty()) continue;
    if (auto made = chat::ChatTemplate::create({}, defaults->chat_template); !made) {
      return std::unexpected(std::move(made).error());
    }
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

Result<void> load(const models::ModelEntry& entry, pool::ModelPool& pool, std::stop_token stop) {
  const std::stop_callback abort(std::move(stop), [&] { pool.drain(); });
  models::LoadOptions options;
  // Named at the start, it is wanted as long as nothing else needs its memory.
  if (!entry.defaults.load.keep_alive) options.keep_alive = models::KeepAlive{std::nullopt};
  if (auto engine = pool.acquire(entry, options); !engine) {
    return std::unexpected(std::move(engine).error());
  }
  return {};
}

// A model that cannot be had now is no reason not to serve the others.
void preload(const ServeOptions& options, LocalModels& models, pool::ModelPool& pool,
             const base::Logger& log, const std::stop_token& stop) {
  for (const std::string& name : options.preload) {
    if (stop.stop_requested()) return;
    const auto entry = models.find(name);
    const auto loaded = entry ? load(*entry, pool, stop) : std::unexpected(entry.error());
    if (!loaded) log.error("{} is not loaded at the start: {}", name, loaded.error().message);
  }
}

// What a configuration says of the models' memory.
struct ModelMemory {
  pool::MemoryBudget& budget;
  pool::ModelPool& pool;
  LocalModels& models;
  std::uint64_t configured_bytes;  // for the budget; 0: what is free

  void change(const ServeOptions& fresh) {
    if (fresh.memory_budget_bytes != configured_bytes) budget.set_total(budget_bytes(fresh));
    configured_bytes = fresh.memory_budget_bytes;
    pool.configure_keep_alive(fresh.keep_alive, [this](const models::ModelEntry& loaded) {
      const auto entry = models.find(loaded.name);
      return entry ? entry->defaults.load.keep_alive : std::nullopt;
    });
  }
};

// Wires the configuration to what can change while serving.
std::unique_ptr<Reloader> make_reloader(const ServeOptions& options, const ServeParts& parts,
                                        http::Server& server, LiveRules rules, ModelMemory memory) {
  auto read = [&parts]() -> Result<ServeOptions> {
    if (!parts.read_options) {
      return base::fail(base::ErrorCode::Unavailable, "This server cannot be configured again.");
    }
    auto fresh = parts.read_options();
    if (!fresh) return fresh;
    if (auto usable = check_templates(fresh->rules); !usable) {
      return std::unexpected(std::move(usable).error());
    }
    return fresh;
  };
  auto reloader = std::make_unique<Reloader>(options, std::move(read), parts.log);
  reloader->add([&server, rules = std::move(rules), memory,
                 &parts](const ServeOptions& fresh) mutable {
    if (auto changed = server.change_access(access_rules(fresh.access), rate_rules(fresh.access));
        !changed) {
      parts.log.error("reload: who may use the server stays as it was. {}",
                      changed.error().message);
    }
    rules.replace(fresh.rules);
    memory.change(fresh);
    parts.log.set_level(fresh.log_level.value_or(base::LogLevel::Info));
    if (parts.options_changed) parts.options_changed(fresh);
  });
  return reloader;
}

// For a request. Null: the server is not ready yet.
Result<protocol::native::ReloadCard> reload(Reloader* reloader) {
  if (reloader == nullptr) return api::no_reload();
  auto outcome = reloader->reload();
  if (!outcome) return std::unexpected(std::move(outcome).error());
  return protocol::native::ReloadCard{.changed = std::move(outcome->changed),
                                      .needs_restart = std::move(outcome->needs_restart)};
}

// Reloads on SIGHUP while it lives, and tells the service manager.
class HangupWatch {
 public:
  HangupWatch(const ServeParts& parts, Reloader& reloader, const ServiceNotifier& manager)
      : parts_(parts) {
    if (!parts_.on_hangup) return;
    parts_.on_hangup([&reloader, &manager] {
      manager.tell(reloading_state());
      const auto outcome = reloader.reload();  // which has logged it
      manager.tell(outcome ? "READY=1" : "READY=1\nSTATUS=The configuration has mistakes.");
    });
  }
  ~HangupWatch() {
    if (parts_.on_hangup) parts_.on_hangup({});
  }
  HangupWatch(const HangupWatch&) = delete;
  HangupWatch& operator=(const HangupWatch&) = delete;

 private:
  const ServeParts& parts_;
};

void finish_requests(std::chrono::seconds patience, http::Server& server, pool::ModelPool& pool,
                     const base::Logger& log) {
  log.info("stopping: running requests have {} s to finish", patience.count());
  if (!server.drain(patience)) {
    log.warning("some requests did not finish in time and were cut");
  }
  // First what the handlers wait for, so that they end; then the threads that they run on.
  pool.drain();
  server.stop();
  pool.stop();
}

}  // namespace

Result<void> serve(const ServeOptions& options, const ServeParts& parts, const Announce& ready,
                   std::stop_token stop) {
  if (auto usable = check_templates(options.rules); !usable) return usable;
  allow_many_files(parts.log);
  const base::SteadyClock clock;
  pool::MemoryBudget budget(budget_bytes(options));
  const LiveRules rules(options.rules);
  pool::ModelPool pool(parts.engine_factory, clock, pool_options(options, budget, rules));
  parts.log.debug("models may take {} of memory", base::human_bytes(budget.total_bytes()));
  LocalModels models(parts.scan, pool, clock, rules);
  models.follow(parts.changed);
  std::atomic<bool> is_ready = false;
  LocalModelControl control(models, pool);
  std::atomic<Reloader*> reloader = nullptr;  // once the server is ready
  std::optional<PullJobs> pulls;
  if (options.allow_pull && parts.puller) pulls.emplace(model_pull(parts.puller, control));
  const api::Dependencies dependencies{.models = models,
                                       .control = control,
                                       .puller = pulls ? &*pulls : nullptr,
                                       .reload = [&reloader] { return reload(reloader); },
                                       .version = std::string(version()),
                                       .is_ready = [&is_ready] { return is_ready.load(); }};
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
  preload(options, models, pool, parts.log, stop);
  is_ready = true;
  const BindAddress address = bound_address(**server, options.bind, is_activated);
  const ServiceNotifier manager = ServiceNotifier::from_environment();
  const auto own_reloader = make_reloader(options, parts, **server, rules,
                                          {budget, pool, models, options.memory_budget_bytes});
  reloader = own_reloader.get();
  std::optional<HangupWatch> watch(std::in_place, parts, *own_reloader, manager);
  manager.tell(fmt::format("READY=1\nSTATUS=Serving on {}.", to_string(address)));
  ready(address, {models.list(), std::string(models.named())});
  base::return_freed_memory();  // what looking for models took
  wait_for(std::move(stop));
  watch.reset();

  is_ready = false;
  manager.tell("STOPPING=1\nSTATUS=Running requests are finishing.");
  finish_requests(options.drain_timeout, **server, pool, parts.log);
  return {};
}

}  // namespace shimmy::app
