#include "cli/commands.h"

#include "cli/alias.h"
#include "cli/completion.h"
#include "cli/diag.h"
#include "cli/generate.h"
#include "cli/gpu_info.h"
#include "cli/list.h"
#include "cli/man.h"
#include "cli/probe.h"
#include "cli/serve.h"
#include "cli/show.h"

namespace shimmy::cli {

std::vector<Command> commands() {
  return {
      generate_command(), serve_command(), list_command(), probe_command(), diag_command(),
  };
}

}  // namespace shimmy::cli
