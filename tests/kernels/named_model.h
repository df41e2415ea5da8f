// The model files that variables name.
#pragma once

#include <cstdlib>
#include <string>

namespace shimmy::kernels {

// Empty: the variable is not set.
inline std::string named_model(const char* variable) {
  const char* path = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe)
  return path == nullptr ? "" : path;
}

inline std::string default_model() { return named_model("SHIMMY_TEST_MODEL"); }

}  // namespace shimmy::kernels
