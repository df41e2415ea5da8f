#include "cli/serve_flags.h"

#include <CLI/App.hpp>
#include <chrono>

#include "app/environment.h"

namespace shimmy::cli {
namespace {

constexpr const char* kFooter = R"(
Examples:
  shimmy serve
  shimmy serve --bind 0.0.0.0:8080 --model-dir /data/models)";

}  // namespace

void ServeFlags::add_to(CLI::App& app) {
  app.footer(kFooter);
  model_.add_to(app, "load this one at once; the others when asked for ($SHIMMY_MODEL)");
  app.add_option("--bind", bind_, "HOST:PORT or HOST (127.0.0.1:11435)")
      ->type_name("ADDRESS")
      ->envname("SHIMMY_BIND");
  app.add_option("--port", port_, "overrides the port of --bind; 0: any free one")
      ->type_name("PORT")
      ->envname("SHIMMY_PORT");
  app.add_option("--parallel", options_.engine.parallel, "requests decoded together; 0: 16")
      ->type_name("N")
      ->envname("SHIMMY_PARALLEL");
  app.add_option("--drain-timeout", drain_seconds_, "time for running requests after Ctrl-C (30)")
      ->type_name("SECONDS")
      ->envname("SHIMMY_DRAIN_TIMEOUT");
  add_engine(app, options_.engine);
  add_model_dirs(app, options_.model_dirs);
}

base::Result<app::ServeOptions> ServeFlags::options() const {
  const app::Environment environment = app::process_environment();
  auto model = model_.chosen();
  if (!model) return std::unexpected(std::move(model).error());
  app::ServeOptions result = options_;
  result.model = model->empty() ? environment("SHIMMY_MODEL").value_or("") : std::move(*model);
  const std::string address =
      bind_.empty() ? environment("SHIMMY_BIND_ADDRESS").value_or("") : bind_;
  if (!address.empty()) {
    auto bind = app::parse_bind_address(address);
    if (!bind) return std::unexpected(std::move(bind).error());
    result.bind = std::move(*bind);
  }
  if (port_) result.bind.port = *port_;
  if (drain_seconds_ < 0) {
    return base::fail_field("drain-timeout", "--drain-timeout must be 0 seconds or more.");
  }
  result.drain_timeout = std::chrono::seconds(drain_seconds_);
  return result;
}

}  // namespace shimmy::cli
