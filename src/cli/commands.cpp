#include "cli/commands.h"

#include "cli/config.h"
#include "cli/diag.h"
#include "cli/generate.h"
#include "cli/list.h"
#include "cli/probe.h"
#include "cli/serve.h"

namespace shimmy::cli {

std::vector<Command> commands() {
  return {
      generate_command(), serve_command(), list_command(),
      probe_command(),    diag_command(),  config_command(),
  };
}

}  // namespace shimmy::cli
