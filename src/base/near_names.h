// "Did you mean …?"
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace shimmy::base {

// The names closest to `wanted`, best first, at most `limit`: those that contain it (from three
// letters on) or differ by a third of its letters or less, letter case aside. Of equally near ones
// the shorter come first. Empty when nothing is near.
std::vector<std::string> near_names(std::string_view wanted, std::span<const std::string> names,
                                    std::size_t limit = 3);

}  // namespace shimmy::base
