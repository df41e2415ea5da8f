// The flags of shimmy generate.
#pragma once

#include <cstdint>
#include <optional>

#include "cli/flags.h"
#include "cli/generate.h"

namespace shimmy::cli {

// Must stay where it is between add_to() and options().
class GenerateFlags {
 public:
  void add_to(CLI::App& app);
  base::Result<GenerateOptions> options() const;

 private:
  void add_sampling(CLI::App& app);

  GenerateOptions options_;
  ModelFlags model_;
  bool chat_ = false;
  bool raw_ = false;
  std::optional<std::uint32_t> seed_;
};

}  // namespace shimmy::cli
