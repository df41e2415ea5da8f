#include "cli/model_switch.h"

#include <fmt/core.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <utility>

#include "app/served_models.h"
#include "base/escape.h"
#include "base/quantity.h"
#include "cli/server_flags.h"

namespace shimmy::cli {
namespace {

namespace json = boost::json;
using app::ServedStatus;
using base::Result;

struct Done {
  std::string body;
  ServedStatus status;
};

Result<Done> ask(const std::string& server, const std::string& path, std::string body,
                 const Services& services) {
  auto client = server_client(server, services);
  if (!client) return std::unexpected(std::move(client).error());
  auto answer = client->post(path, std::move(body), services.stop());
  if (!answer) return std::unexpected(std::move(answer).error());
  auto status = app::parse_served_status(*answer);
  if (!status) return std::unexpected(std::move(status).error());
  return Done{std::move(*answer), std::move(*status)};
}

std::string loaded_text(const ServedStatus& status) {
  std::string text = fmt::format("{} is loaded", base::escape_control(status.name));
  if (status.total_bytes > 0) text += ": " + base::human_bytes(status.total_bytes);
  if (status.context_limit > 0) text += fmt::format(", context {}", status.context_limit);
  return text + ".\n";
}

std::string stopped_text(const ServedStatus& status) {
  const std::string name = base::escape_control(status.name);
  if (status.state == "unloaded") return name + " is out of memory.\n";
  return fmt::format("{} is {}: it goes when its requests end. --force cancels them.\n", name,
                     base::escape_control(status.state));
}

int report(const Result<Done>& done, bool as_json, std::string (*text)(const ServedStatus&),
           Terminal& terminal) {
  if (done) return finish(terminal, as_json ? done->body + '\n' : text(done->status));
  print_error(terminal, done.error());
  return exit_code(done.error());
}

void add_load_flags(CLI::App& app, LoadOptions& options) {
  app.add_option("MODEL", options.model, "the model")->type_name("")->required();
  app.add_option("--ctx", options.context, "the most tokens of context")->type_name("TOKENS");
  app.add_option("--parallel", options.parallel, "requests decoded together")->type_name("N");
  app.add_option("--cache-type-k", options.cache_type_k,
                 "f16, q8_0, … for the keys of the KV cache")
      ->type_name("TYPE");
  app.add_option("--cache-type-v", options.cache_type_v, "the same for its values")
      ->type_name("TYPE");
  app.add_option("--gpu-layers", options.gpu_layers, "layers on the GPU; -1: all")->type_name("N");
  app.add_flag("--pin", options.pin, "keep it in memory whatever comes");
  app.add_option("--keep-alive", options.keep_alive,
                 "stay so long after the last request: 90, 5m, 1h; -1: until memory is needed")
      ->type_name("TIME");
  app.add_flag("--json", options.json, "print the server's answer");
  add_server(app, options.server);
}

void add_stop_flags(CLI::App& app, StopOptions& options) {
  app.add_option("MODEL", options.model, "the model")->type_name("")->required();
  app.add_flag("-f,--force", options.force, "cancel its requests; else they end first");
  app.add_flag("--json", options.json, "print the server's answer");
  add_server(app, options.server);
}

}  // namespace

std::string load_body(const LoadOptions& options) {
  json::object body;
  if (options.context) body["context"] = *options.context;
  if (options.parallel) body["parallel"] = *options.parallel;
  if (!options.cache_type_k.empty()) body["cache_type_k"] = options.cache_type_k;
  if (!options.cache_type_v.empty()) body["cache_type_v"] = options.cache_type_v;
  if (options.gpu_layers) body["gpu_layers"] = *options.gpu_layers;
  if (options.pin) body["pin"] = true;
  if (!options.keep_alive.empty()) body["keep_alive"] = options.keep_alive;
  return json::serialize(body);
}

int load(const LoadOptions& options, Terminal& terminal, const Services& services) {
  return report(
      ask(options.server, app::model_path(options.model, "load"), load_body(options), services),
      options.json, loaded_text, terminal);
}

int stop(const StopOptions& options, Terminal& terminal, const Services& services) {
  std::string path = app::model_path(options.model, "unload");
  if (options.force) path += "?force=true";
  return report(ask(options.server, path, "{}", services), options.json, stopped_text, terminal);
}

Command load_command() {
  return plain_command<LoadOptions>("load", "have a running server load a model", add_load_flags,
                                    load);
}

Command stop_command() {
  return plain_command<StopOptions>("stop", "have a running server let go of a model",
                                    add_stop_flags, stop);
}

}  // namespace shimmy::cli
