#include "cli/dispatch.h"

#include "cli/command_line.h"
#include "cli/status.h"

namespace shimmy::cli {

int dispatch(std::span<const std::string> arguments, Terminal& terminal,
             const ServicesFactory& make_services) {
  const auto line = parse_command_line(arguments);
  if (!line) {
    print_error(terminal, line.error());
    return exit_code(line.error());
  }
  if (line->text) return finish(terminal, *line->text);
  if (!line->invocation && !terminal.out_is_tty) {
    terminal.err << help_text();
    return 2;
  }
  const Services services =
      make_services(base::Logger::to_stderr(line->log_level, line->log_format));
  return line->invocation ? line->invocation->run(terminal, services) : status(terminal, services);
}

}  // namespace shimmy::cli
