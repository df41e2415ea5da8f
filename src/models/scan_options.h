// How a catalog is to be made.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

namespace shimmy::models {

class FactCache;

struct ScanOptions {
  // The user's own names: alias -> any name of a model. They come before all others.
  std::map<std::string, std::string> aliases;
  std::set<std::string, std::less<>> stores_left_out;  // by their names: "ollama", …
  FactCache* cache = nullptr;                          // of headers; null: every header is read
};

}  // namespace shimmy::models
