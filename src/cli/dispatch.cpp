#include "cli/dispatch.h"

#include <variant>

#include "cli/command_line.h"
#include "cli/config.h"
#include "cli/diag.h"
#include "cli/generate.h"
#include "cli/list.h"
#include "cli/probe.h"
#include "cli/serve.h"
#include "cli/status.h"

namespace shimmy::cli {
namespace {

struct Runner {
  Terminal& terminal;
  const Services& services;

  int operator()(const StatusOptions& /*none*/) const { return status(terminal, services); }
  int operator()(const PrintText& print) const { return finish(terminal, print.text); }
  int operator()(const GenerateOptions& options) const {
    return generate(options, terminal, services);
  }
  int operator()(const ListOptions& options) const { return list(options, terminal, services); }
  int operator()(const ProbeOptions& options) const { return probe(options, terminal, services); }
  int operator()(const DiagOptions& options) const { return diag(options, terminal, services); }
  int operator()(const ConfigOptions& options) const { return config(options, terminal, services); }
  int operator()(const app::ServeOptions& options) const {
    return serve(options, terminal, services);
  }
};

}  // namespace

int dispatch(std::span<const std::string> arguments, Terminal& terminal,
             const ServicesFactory& make_services) {
  const auto line = parse_command_line(arguments);
  if (!line) {
    print_error(terminal, line.error());
    return exit_code(line.error());
  }
  if (const auto* print = std::get_if<PrintText>(&line->command)) {
    return finish(terminal, print->text);
  }
  if (std::holds_alternative<StatusOptions>(line->command) && !terminal.out_is_tty) {
    terminal.err << help_text();
    return 2;
  }
  const Services services =
      make_services(base::Logger::to_stderr(line->log_level, line->log_format));
  return std::visit(Runner{terminal, services}, line->command);
}

}  // namespace shimmy::cli
