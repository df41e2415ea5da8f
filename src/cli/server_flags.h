// Which running server a command is for.
#pragma once

#include <string>

#include "app/server_client.h"
#include "cli/services.h"

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's name
class App;       // NOLINT(readability-identifier-naming): CLI11's name
}

namespace shimmy::cli {

void add_server(CLI::App& app, std::string& server);

// `server`: the value of the flag. The first key of $SHIMMY_API_KEY goes with it. Fails as
// app::server_address.
base::Result<app::ServerClient> server_client(const std::string& server, const Services& services);

}  // namespace shimmy::cli
