// The definitions of all commands and flags, once: for the parser, the help, the completions and
// the man page.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "cli/command.h"
#include "cli/flags.h"

namespace shimmy::cli {

class Program {
 public:
  Program();
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // A subcommand for each command. Parsing it fills what the members below read.
  CLI::App& app() { return *app_; }

  struct Defined {
    Invoke invoke;
    base::LogLevel usual_log_level = base::LogLevel::Warning;
  };
  // Null for a name that is no command's.
  const Defined* find(const std::string& command) const;

  const LogFlags& log() const { return log_; }

 private:
  void add_common(CLI::App& app);

  const std::unique_ptr<CLI::App> app_;
  LogFlags log_;
  std::map<std::string, Defined> commands_;
};

}  // namespace shimmy::cli
