#include "cli/serve.h"

#include <fmt/core.h>

#include "app/version.h"
#include "base/escape.h"
#include "cli/name_list.h"

namespace shimmy::cli {
namespace {

std::string start_text(const app::BindAddress& address, const models::Catalog& catalog) {
  const std::string url = app::base_url(address);
  const auto& entries = catalog.entries();
  std::string text = fmt::format("shimmy {} on {}\n", app::version(), app::to_string(address));
  if (!app::is_loopback(address)) {
    text += "Warning: other machines can reach this address, and there is no password.\n";
  }
  if (entries.empty()) {
    return text + fmt::format("No models were found. {}\n", models::how_to_get_a_model());
  }
  text += fmt::format("{} model{}: {}", entries.size(), entries.size() == 1 ? "" : "s",
                      name_list(entries, 5));
  return text + fmt::format(R"(
OpenAI base URL: {0}/v1
Try it:
  curl -N {0}/v1/chat/completions -H 'Content-Type: application/json' -d '{{"model":{1},"stream":true,"messages":[{{"role":"user","content":"Say hello."}}]}}'
)",
                            url, base::escape_control(base::json_quoted(entries.front().name)));
}

}  // namespace

int serve(const app::ServeOptions& options, Terminal& terminal, const Services& services) {
  const std::stop_token stop = services.stop();
  const auto ready = [&](const app::BindAddress& address, const models::Catalog& catalog) {
    terminal.err << start_text(address, catalog) << std::flush;
  };
  const auto served = services.serve(options, ready, stop);
  if (served) return 0;
  print_error(terminal, served.error());
  return exit_code(served.error());
}

}  // namespace shimmy::cli
