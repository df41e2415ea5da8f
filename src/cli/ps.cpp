#include "cli/ps.h"

#include <fmt/core.h>

#include <CLI/App.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <span>

#include "base/escape.h"
#include "base/quantity.h"
#include "cli/json_text.h"
#include "cli/server_flags.h"
#include "cli/table.h"

namespace shimmy::cli {
namespace {

namespace json = boost::json;
using app::ServedStatus;
using base::Result;

constexpr const char* kNoneInMemory =
    "No model is in memory. The first request for one loads it, as does: shimmy load MODEL\n";
constexpr const char* kNoModels =
    "The server has found no models. Get one with: shimmy pull org/repo\n";

std::string duration_text(double seconds) {
  if (seconds < 60) return fmt::format("{:.0f} s", std::max(0.0, std::ceil(seconds)));
  if (seconds < 2 * 3600) return fmt::format("{:.0f} min", std::round(seconds / 60));
  return fmt::format("{:.0f} h", std::round(seconds / 3600));
}

std::string state_text(const ServedStatus& model) {
  if (model.state != "loading") return base::escape_control(model.state);
  return fmt::format("loading {:.0f}%", model.progress * 100);
}

std::string context_text(const ServedStatus& model) {
  if (model.context_tokens == 0) return "-";
  return fmt::format("{}/{}", model.context_used, model.context_tokens);
}

std::string requests_text(const ServedStatus& model) {
  if (model.queued_requests == 0) return std::to_string(model.active_requests);
  return fmt::format("{}+{}", model.active_requests, model.queued_requests);
}

// The memory of several models is told of the first of them.
std::string size_text(const ServedStatus& model, std::span<const ServedStatus> before) {
  const bool is_told = std::ranges::any_of(before, [&](const ServedStatus& other) {
    return std::ranges::find(model.shares_with, other.name) != model.shares_with.end();
  });
  if (is_told) return "shared";
  return model.total_bytes > 0 ? base::human_bytes(model.total_bytes) : "-";
}

json::value number_or_null(const auto& number) {
  return number ? json::value(*number) : json::value();
}

json::object json_model(const ServedStatus& model) {
  return {{"name", model.name},
          {"state", model.state},
          {"progress", model.progress},
          {"reason", model.reason},
          {"memory",
           {{"weights_bytes", model.weights_bytes},
            {"kv_cache_bytes", model.kv_cache_bytes},
            {"compute_bytes", model.compute_bytes},
            {"total_bytes", model.total_bytes}}},
          {"context",
           {{"tokens", model.context_tokens},
            {"limit", model.context_limit},
            {"used", model.context_used}}},
          {"requests", {{"active", model.active_requests}, {"queued", model.queued_requests}}},
          {"last_used", number_or_null(model.last_used)},
          {"keep_alive_seconds", number_or_null(model.keep_alive_seconds)},
          {"pinned", model.is_pinned},
          {"shares_memory_with", json::value_from(model.shares_with)},
          {"speed",
           {{"prefill_tokens_per_second", model.prefill_speed},
            {"decode_tokens_per_second", model.decode_speed}}}};
}

std::string as_json(const std::vector<ServedStatus>& models) {
  json::array array;
  for (const ServedStatus& model : models) array.push_back(json_model(model));
  return json_text({{"models", std::move(array)}});
}

Result<std::vector<ServedStatus>> ask(app::ServerClient& client, const PsOptions& options,
                                      const std::stop_token& stop) {
  const auto body = client.get("/api/models", stop);
  if (!body) return std::unexpected(body.error());
  auto models = app::parse_served_models(*body);
  if (models && !options.all) {
    std::erase_if(*models, [](const ServedStatus& model) {
      return model.state.empty() || model.state == "unloaded";
    });
  }
  return models;
}

Result<std::string> look(app::ServerClient& client, const PsOptions& options,
                         const Terminal& terminal, const std::stop_token& stop) {
  const auto models = ask(client, options, stop);
  if (!models) return std::unexpected(models.error());
  if (options.json) return as_json(*models);
  if (models->empty()) return std::string(options.all ? kNoModels : kNoneInMemory);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return served_table(*models, std::chrono::duration_cast<std::chrono::seconds>(now).count(),
                      terminal.out_is_tty ? terminal.width : 0);
}

// True when the time is over, false when a stop was requested.
bool wait(double seconds, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, std::chrono::duration<double>(seconds), [] { return false; });
  return !stop.stop_requested();
}

// Ctrl-C is how one leaves it: that is no failure.
int watch(app::ServerClient& client, const PsOptions& options, Terminal& terminal,
          const std::stop_token& stop) {
  constexpr const char* clear_screen = "\x1b[H\x1b[2J\x1b[3J";
  do {
    const auto text = look(client, options, terminal, stop);
    if (stop.stop_requested()) return 0;
    if (!text) {
      print_error(terminal, text.error());
      return exit_code(text.error());
    }
    const bool redraws = terminal.out_is_tty && !options.json;
    const WriteResult written = write_out(terminal, redraws ? clear_screen + *text : *text);
    if (written != WriteResult::Written) return written == WriteResult::Closed ? 0 : 1;
  } while (wait(options.interval_seconds, stop));
  return 0;
}

void add_flags(CLI::App& app, PsOptions& options) {
  app.add_flag("-w,--watch", options.watch, "show it again and again, until Ctrl-C");
  app.add_option("--interval", options.interval_seconds, "between two looks of --watch (2)")
      ->type_name("SECONDS");
  app.add_flag("-a,--all", options.all, "models that are not in memory, too");
  app.add_flag("--json", options.json, "print one JSON object");
  add_server(app, options.server);
}

}  // namespace

std::string until_text(const ServedStatus& model, std::int64_t now) {
  if (model.state == "draining") return "its requests end";
  if (model.state == "failed") return base::escape_control(model.reason);
  if (model.state != "ready") return "-";
  if (model.is_pinned) return "pinned";
  if (model.active_requests + model.queued_requests > 0) return "in use";
  if (!model.keep_alive_seconds) return "memory is needed";
  if (!model.last_used) return duration_text(*model.keep_alive_seconds);
  return duration_text(*model.keep_alive_seconds - static_cast<double>(now - *model.last_used));
}

std::string served_table(const std::vector<ServedStatus>& models, std::int64_t now,
                         std::size_t width) {
  const std::vector<Column> columns{{"NAME", Align::Left, 9},      {"STATE", Align::Left, 8},
                                    {"SIZE", Align::Right, 7},     {"CONTEXT", Align::Right, 4},
                                    {"REQUESTS", Align::Right, 5}, {"TOK/S", Align::Right, 6},
                                    {"UNTIL", Align::Left, 3}};
  std::vector<std::vector<std::string>> rows;
  for (const ServedStatus& model : models) {
    const std::span before(models.data(), rows.size());
    rows.push_back({base::escape_control(model.name), state_text(model), size_text(model, before),
                    context_text(model), requests_text(model),
                    model.decode_speed > 0 ? fmt::format("{:.1f}", model.decode_speed) : "-",
                    until_text(model, now)});
  }
  return render_table(columns, rows, width);
}

int ps(const PsOptions& options, Terminal& terminal, const Services& services) {
  if (!(options.interval_seconds >= 0.1 && options.interval_seconds <= 86400)) {
    print_error(terminal,
                base::fail_field("interval", "--interval must be 0.1 to 86400 seconds.").error());
    return 2;
  }
  auto client = server_client(options.server, services);
  if (!client) {
    print_error(terminal, client.error());
    return exit_code(client.error());
  }
  const std::stop_token stop = services.stop();
  if (options.watch) return watch(*client, options, terminal, stop);
  const auto text = look(*client, options, terminal, stop);
  if (text) return finish(terminal, *text);
  print_error(terminal, text.error());
  return exit_code(text.error());
}

Command ps_command() {
  return plain_command<PsOptions>("ps", "show the models that a running server has in memory",
                                  add_flags, ps);
}

}  // namespace shimmy::cli
