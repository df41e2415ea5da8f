#include "cli/run.h"

#include <string>
#include <vector>

#include "base/machine.h"
#include "cli/dispatch.h"
#include "cli/local_services.h"
#include "cli/terminal.h"

namespace shimmy::cli {

int run(int argc, char** argv) {
  Terminal terminal = standard_terminal();
  if (const std::string missing = base::missing_cpu_features(); !missing.empty()) {
    terminal.err << "shimmy: this CPU lacks " << missing
                 << ", which this build needs. Build it on this machine with: make build\n";
    return 1;
  }
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  return dispatch(arguments, terminal, local_services);
}

}  // namespace shimmy::cli
