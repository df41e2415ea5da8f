#include "cli/serve_flags.h"

#include <CLI/App.hpp>
#include <chrono>
#include <climits>
#include <filesystem>

#include "app/environment.h"
#include "cli/text_file.h"

namespace shimmy::cli {
namespace {

constexpr const char* kFooter = R"(
Examples:
  shimmy serve
  shimmy serve --bind 0.0.0.0:8080 --model-dir /data/models
  shimmy serve --bind unix:/run/shimmy.sock)";

// The file's text where there is such a file; anything else is a name or the template itself.
base::Result<std::string> template_text(const std::string& given) {
  std::error_code error;
  const bool is_file = given.size() < PATH_MAX && std::filesystem::is_regular_file(given, error);
  if (!is_file) return given;
  return read_text_file(given);
}

}  // namespace

void ServeFlags::add_to(CLI::App& app) {
  app.footer(kFooter);
  model_.add_to(app, "load this one at once; the others when asked for ($SHIMMY_MODEL)");
  app.add_option("--bind", bind_, "HOST:PORT, HOST or unix:PATH (127.0.0.1:11435)")
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
  app.add_option("--chat-template", chat_template_,
                 "in place of the models' own: a file with Jinja, or a family such as chatml")
      ->type_name("FILE|NAME")
      ->envname("SHIMMY_CHAT_TEMPLATE");
  app.add_option("--tls-cert", options_.tls_certificate, "PEM file: serve HTTPS with it")
      ->type_name("FILE")
      ->envname("SHIMMY_TLS_CERT");
  app.add_option("--tls-key", options_.tls_key, "PEM file: its private key")
      ->type_name("FILE")
      ->envname("SHIMMY_TLS_KEY");
  app.add_flag("--allow-pull", options_.allow_pull,
               "requests may get models from the network (POST /api/models/pull)")
      ->envname("SHIMMY_ALLOW_PULL");
  access_.add_to(app);
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
  auto access = access_.options();
  if (!access) return std::unexpected(std::move(access).error());
  result.access = std::move(*access);
  auto chat_template = template_text(chat_template_);
  if (!chat_template) return std::unexpected(std::move(chat_template).error());
  result.chat_template = std::move(*chat_template);
  result.drain_timeout = std::chrono::seconds(drain_seconds_);
  return result;
}

}  // namespace shimmy::cli
