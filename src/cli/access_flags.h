// The flags of shimmy serve that say who may use the server, and how much.
#pragma once

#include <string>
#include <vector>

#include "app/options.h"
#include "base/error.h"

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's name
class App;       // NOLINT(readability-identifier-naming): CLI11's name
}

namespace shimmy::cli {

// Must stay where it is between add_to() and options().
class AccessFlags {
 public:
  void add_to(CLI::App& app);

  // With the keys of --api-key-file. Fails with InvalidRequest or Io.
  base::Result<app::AccessOptions> options() const;

 private:
  app::AccessOptions options_;
  std::string key_file_;
};

}  // namespace shimmy::cli
