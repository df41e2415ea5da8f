#include "cli/status.h"

#include <fmt/core.h>

#include "app/bind_address.h"
#include "app/port_check.h"
#include "app/version.h"
#include "base/escape.h"
#include "cli/name_list.h"

namespace shimmy::cli {
namespace {

std::string models_line(const models::Catalog& catalog) {
  const auto& entries = catalog.entries();
  if (entries.empty()) return "none yet";
  return name_list(entries, 3);
}

std::string server_line() {
  const app::BindAddress address;
  if (app::is_free(address)) return "not running";
  const std::string owner = app::listener_on(address.port);
  return fmt::format("port {} is taken{}", address.port, owner.empty() ? "" : " by " + owner);
}

}  // namespace

int status(Terminal& terminal, const Services& services) {
  const models::Catalog catalog = services.scan({});
  std::string text = fmt::format("shimmy {}\n\nModels  {}\nServer  {}\n\nNext\n", app::version(),
                                 models_line(catalog), server_line());
  if (catalog.entries().empty()) {
    text += "  shimmy pull qwen3:0.6b               get a small model\n";
  } else {
    text += fmt::format("  shimmy generate{} -p \"Hello\"\n  shimmy serve\n",
                        catalog.entries().size() == 1
                            ? ""
                            : " " + base::escape_control(catalog.entries().front().name));
  }
  text += "  shimmy --help\n";
  return finish(terminal, text);
}

}  // namespace shimmy::cli
