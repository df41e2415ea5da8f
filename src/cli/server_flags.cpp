#include "cli/server_flags.h"

#include <CLI/App.hpp>
#include <utility>

namespace shimmy::cli {

void add_server(CLI::App& app, std::string& server) {
  app.add_option("--server", server,
                 "the running server: a URL, HOST:PORT or unix:PATH (127.0.0.1:11435)")
      ->type_name("ADDRESS")
      ->envname("SHIMMY_HOST");
}

base::Result<app::ServerClient> server_client(const std::string& server, const Services& services) {
  auto address = app::server_address(server, services.environment);
  if (!address) return std::unexpected(std::move(address).error());
  const std::string keys = services.environment("SHIMMY_API_KEY").value_or("");
  return app::ServerClient(std::move(*address), keys.substr(0, keys.find(',')), services.http);
}

}  // namespace shimmy::cli
