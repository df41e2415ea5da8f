// The command line.
#pragma once

namespace shimmy::cli {

// Runs the command that the arguments name and returns the exit code: 0 done, 1 failed, 2 usage or
// a failed probe, 130 interrupted.
int run(int argc, char** argv);

}  // namespace shimmy::cli
