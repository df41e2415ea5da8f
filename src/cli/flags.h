// Groups of flags that several commands share. Each adds its flags to a command, which fill its
// members while CLI11 parses: it must stay where it is until then.
#pragma once

#include <string>
#include <vector>

#include "app/options.h"
#include "base/error.h"
#include "base/log.h"

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's name
class App;       // NOLINT(readability-identifier-naming): CLI11's name
class Option;    // NOLINT(readability-identifier-naming): CLI11's name
}  // namespace CLI

namespace shimmy::cli {

class LogFlags {
 public:
  void add_to(CLI::App& app);

  // What was asked for, else `usual`. Fails with InvalidRequest.
  base::Result<base::LogLevel> level(base::LogLevel usual) const;
  base::Result<base::LogFormat> format() const;

 private:
  bool verbose_ = false;
  std::string level_;
  std::string format_;
};

// The model as a positional or as --model.
class ModelFlags {
 public:
  void add_to(CLI::App& app, const std::string& description);

  // Empty when none was named; fails with InvalidRequest when two different ones were.
  base::Result<std::string> chosen() const;

 private:
  std::string positional_;
  std::string flag_;
};

void add_model_dirs(CLI::App& app, std::vector<std::string>& dirs);
void add_engine(CLI::App& app, app::ModelOptions& engine);

// --kernels; returns it, so that commands can say more.
CLI::Option* add_kernels(CLI::App& app, app::ModelOptions& engine);

}  // namespace shimmy::cli
