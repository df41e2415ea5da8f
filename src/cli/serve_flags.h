// The flags of shimmy serve.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/options.h"
#include "cli/access_flags.h"
#include "cli/flags.h"

namespace shimmy::cli {

// Must stay where it is between add_to() and options().
class ServeFlags {
 public:
  void add_to(CLI::App& app);

  // Reads $SHIMMY_MODEL where no model is named, and $SHIMMY_BIND_ADDRESS, the older spelling of
  // $SHIMMY_BIND. Fails with InvalidRequest.
  base::Result<app::ServeOptions> options() const;

 private:
  app::ServeOptions options_;
  AccessFlags access_;
  ModelFlags model_;
  std::string bind_;
  std::string chat_template_;
  std::optional<std::uint16_t> port_;
  int drain_seconds_ = 30;
};

}  // namespace shimmy::cli
