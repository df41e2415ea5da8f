#include "cli/chat_place.h"

#include <fmt/ranges.h>

#include <chrono>
#include <utility>

#include "app/local_chat.h"
#include "app/remote_chat.h"
#include "app/served_models.h"
#include "cli/load.h"
#include "cli/model_choice.h"
#include "cli/server_flags.h"

namespace shimmy::cli {
namespace {

using base::ErrorCode;
using base::Result;

// The name on the server, where it must have the model.
Result<std::string> name_on(app::ServerClient& server, const ChatOptions& options,
                            const Services& services) {
  std::string wanted = options.model;
  if (wanted.empty()) wanted = services.environment("SHIMMY_MODEL").value_or("");
  if (!wanted.empty()) return wanted;
  const auto body = server.get("/api/models", services.renewed_stop());
  if (!body) return std::unexpected(body.error());
  const auto models = app::parse_served_models(*body);
  if (!models) return std::unexpected(models.error());
  if (models->size() == 1) return models->front().name;
  std::vector<std::string> names;
  for (const app::ServedStatus& model : *models) names.push_back(model.name);
  return base::fail(ErrorCode::InvalidRequest,
                    "The server at {} has {} models: name one. There is {}.",
                    server.address().shown, names.size(), fmt::join(names, ", "));
}

// Whether it is shimmy, and has a model of that name.
bool has_model(app::ServerClient& server, const std::string& name, const Services& services) {
  const auto body =
      server.get(app::model_path(name, "status"), services.renewed_stop(), std::chrono::seconds(2));
  return body && app::parse_served_status(*body);
}

Result<ChatPlace> on_server(std::unique_ptr<app::ServerClient> server, std::string name) {
  auto model = app::remote_chat(*server, std::move(name));
  return ChatPlace{std::move(server), std::move(model)};
}

Result<ChatPlace> here(const ChatOptions& options, Terminal& terminal, const Services& services) {
  auto loaded = load_model(options.model, options.model_dirs, options.engine, terminal, services);
  if (!loaded) return std::unexpected(std::move(loaded).error());
  auto model = app::local_chat(loaded->entry, std::move(loaded->engine));
  if (!model) return std::unexpected(std::move(model).error());
  return ChatPlace{nullptr, std::move(*model)};
}

}  // namespace

Result<ChatPlace> chat_place(const ChatOptions& options, Terminal& terminal,
                             const Services& services) {
  if (options.local) return here(options, terminal, services);
  auto client = server_client(options.server, services);
  if (!client) return std::unexpected(std::move(client).error());
  auto server = std::make_unique<app::ServerClient>(std::move(*client));
  if (server->address().was_named) {
    auto name = name_on(*server, options, services);
    if (!name) return std::unexpected(std::move(name).error());
    return on_server(std::move(server), std::move(*name));
  }
  const auto entry = choose_model(services.scan(options.model_dirs), options.model,
                                  services.environment, models::read_file_facts);
  // The server may look in other directories.
  const std::string name = entry ? entry->name : options.model;
  if (!name.empty() && has_model(*server, name, services)) {
    return on_server(std::move(server), name);
  }
  return here(options, terminal, services);
}

}  // namespace shimmy::cli
