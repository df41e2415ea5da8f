// Where the weights of a model went while it was loaded, and why.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace shimmy::kernels {

struct Placement {
  std::string tensor;
  std::string type;    // ggml's name of it
  std::string reason;  // why ggml's kernels multiply it; empty: ours do

  bool operator==(const Placement&) const = default;
};

// Any thread may use it.
class PlacementRecord {
 public:
  // Said once of each tensor: what is said again of the same name and type is dropped. Returns
  // false then.
  bool add(std::string_view tensor, std::string_view type, std::string_view reason);

  // All since the last call, in the order of adding.
  std::vector<Placement> take();

 private:
  std::mutex mutex_;
  std::vector<Placement> placements_;
};

}  // namespace shimmy::kernels
