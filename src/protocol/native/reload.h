// The answer of POST /api/reload.
#pragma once

#include <string>
#include <vector>

namespace shimmy::protocol::native {

// Keys of settings, as "access.api_keys".
struct ReloadCard {
  std::vector<std::string> changed;        // and act from now on
  std::vector<std::string> needs_restart;  // to act
};

std::string encode_reload(const ReloadCard& card);

}  // namespace shimmy::protocol::native
