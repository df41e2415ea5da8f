#include "cli/serve.h"

#include <fmt/core.h>

#include "app/version.h"
#include "base/escape.h"
#include "cli/name_list.h"
#include "cli/serve_flags.h"

namespace shimmy::cli {
namespace {

// What curl needs to know besides the URL.
std::string curl_flags(const app::BindAddress& address, const app::ServeOptions& options) {
  std::string flags;
  if (!address.unix_path.empty()) flags += fmt::format(" --unix-socket {}", address.unix_path);
  if (!options.tls_certificate.empty())
    flags += fmt::format(" --cacert {}", options.tls_certificate);
  if (!options.access.api_keys.empty()) flags += " -H \"Authorization: Bearer $SHIMMY_API_KEY\"";
  return flags;
}

std::string model_text(const std::vector<models::ModelEntry>& entries) {
  if (entries.empty()) return fmt::format("No models were found. {}", models::how_to_get_a_model());
  return fmt::format("{} model{}: {}", entries.size(), entries.size() == 1 ? "" : "s",
                     name_list(entries, 5));
}

std::string start_text(const app::BindAddress& address, const app::OfferedModels& models,
                       const app::ServeOptions& options) {
  const std::string url = app::base_url(address, !options.tls_certificate.empty());
  const bool needs_key = !options.access.api_keys.empty();
  std::string text = fmt::format("shimmy {} on {}\n", app::version(), app::to_string(address));
  if (!app::is_loopback(address) && !needs_key) {
    text += "Warning: other machines can reach this address, and no API key is needed.\n";
  }
  text += fmt::format("{}\nOpenAI base URL: {}/v1\nAPI key: {}\nLog: stderr\n",
                      model_text(models.entries), url, needs_key ? "yours" : "any");
  if (models.entries.empty()) return text;
  const std::string& tried = models.named.empty() ? models.entries.front().name : models.named;
  constexpr const char* kTry =
      R"(Try it:
  curl -N{} {}/v1/chat/completions -H 'Content-Type: application/json' -d '{{"model":{},"stream":true,"messages":[{{"role":"user","content":"Say hello."}}]}}'
)";
  return text + fmt::format(fmt::runtime(kTry), curl_flags(address, options), url,
                            base::escape_control(base::json_quoted(tried)));
}

}  // namespace

int serve(const app::ServeOptions& options, Terminal& terminal, const Services& services) {
  const std::stop_token stop = services.stop();
  const auto ready = [&](const app::BindAddress& address, const app::OfferedModels& models) {
    terminal.err << start_text(address, models, options) << std::flush;
  };
  const auto served = services.serve(options, ready, stop);
  if (served) return 0;
  print_error(terminal, served.error());
  return exit_code(served.error());
}

Command serve_command() {
  Command command = checked_command<ServeFlags>("serve", "start the server", serve);
  command.usual_log_level = base::LogLevel::Info;
  return command;
}

}  // namespace shimmy::cli
