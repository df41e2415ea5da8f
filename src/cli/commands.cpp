#include "cli/commands.h"

#include "cli/alias.h"
#include "cli/bench.h"
#include "cli/chat.h"
#include "cli/completion.h"
#include "cli/config.h"
#include "cli/diag.h"
#include "cli/discover.h"
#include "cli/generate.h"
#include "cli/gpu_info.h"
#include "cli/list.h"
#include "cli/man.h"
#include "cli/model_switch.h"
#include "cli/probe.h"
#include "cli/ps.h"
#include "cli/pull.h"
#include "cli/remove.h"
#include "cli/serve.h"
#include "cli/show.h"

namespace shimmy::cli {

std::vector<Command> commands() {
  // clang-format off: one line each, so that two new ones do not collide
  return {
      run_command(),
      generate_command(),
      serve_command(),
      ps_command(),
      load_command(),
      stop_command(),
      list_command(),
      discover_command(),
      pull_command(),
      remove_command(),
      show_command(),
      alias_command(),
      cp_command(),
      probe_command(),
      bench_command(),
      diag_command(),
      config_command(),
      gpu_info_command(),
      completion_command(),
      man_command(),
  };
  // clang-format on
}

}  // namespace shimmy::cli
