// Who is meant by a name.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace shimmy::models {

class NameIndex {
 public:
  enum class Kind { Name, Alias };

  void add(std::string_view name, Kind kind, std::size_t entry);

  // The entries that `name` may mean, each once, ascending. Names come before aliases, and of
  // either those in the same letter case before others.
  std::vector<std::size_t> find(std::string_view name) const;

 private:
  struct Place {
    std::string name;
    Kind kind;
    std::size_t entry;
  };
  std::unordered_map<std::string, std::vector<Place>> places_;  // by the name in lower case
};

}  // namespace shimmy::models
