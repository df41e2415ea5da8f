// What the search of one directory gave.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "models/model_dirs.h"

namespace shimmy::models {

struct SearchedDir {
  ModelDir dir;
  bool exists = false;
  std::size_t models = 0;
  std::size_t new_models = 0;  // of these, since the cache of headers was last written
  std::size_t broken = 0;
  std::vector<std::string> problems;  // full sentences
};

}  // namespace shimmy::models
