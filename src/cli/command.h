// What a command is: its flags, and what they make it do.
#pragma once

#include <any>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "cli/services.h"
#include "cli/terminal.h"

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's name
class App;       // NOLINT(readability-identifier-naming): CLI11's name
}

namespace shimmy::cli {

// A command with its values, ready to run.
struct Invocation {
  std::any options;                                    // the command's own type
  std::function<int(Terminal&, const Services&)> run;  // returns the exit code
};

// Reads what CLI11 has parsed. Fails with InvalidRequest.
using Invoke = std::function<base::Result<Invocation>()>;

struct Command {
  std::string name;
  std::string description;
  std::function<Invoke(CLI::App& app)> define;  // adds the flags; what they set lives in the Invoke
  base::LogLevel usual_log_level = base::LogLevel::Warning;
};

template <class Options>
using Run = int (*)(const Options& options, Terminal& terminal, const Services& services);

template <class Options>
Invocation invocation(const Options& options, Run<Options> run) {
  return {options, [options, run](Terminal& terminal, const Services& services) {
            return run(options, terminal, services);
          }};
}

// A command whose flags fill its options as they stand.
template <class Options>
Command plain_command(std::string name, std::string description,
                      void (*add_flags)(CLI::App& app, Options& options), Run<Options> run) {
  return {std::move(name), std::move(description), [add_flags, run](CLI::App& app) -> Invoke {
            const auto options = std::make_shared<Options>();
            add_flags(app, *options);
            return [options, run] { return invocation(*options, run); };
          }};
}

// A command whose flags need a look before they are its options: Flags has add_to(CLI::App&) and
// Result<Options> options() const.
template <class Flags, class Options>
Command checked_command(std::string name, std::string description, Run<Options> run) {
  return {std::move(name), std::move(description), [run](CLI::App& app) -> Invoke {
            const auto flags = std::make_shared<Flags>();
            flags->add_to(app);
            return [flags, run]() -> base::Result<Invocation> {
              auto options = flags->options();
              if (!options) return std::unexpected(std::move(options).error());
              return invocation(*options, run);
            };
          }};
}

}  // namespace shimmy::cli
