#include "app/version.h"

#include <fmt/core.h>

namespace shimmy::app {

std::string_view version() { return SHIMMY_VERSION; }
std::string_view build_type() { return SHIMMY_BUILD_TYPE; }
std::string_view cpu_target() { return SHIMMY_CPU_TARGET; }
std::string_view llama_version() { return "v0.5.0 (" SHIMMY_LLAMA_COMMIT ")"; }

std::string version_line() {
  return fmt::format("shimmy {} (llama.cpp {}, {}, {})", version(), llama_version(), build_type(),
                     cpu_target());
}

}  // namespace shimmy::app
