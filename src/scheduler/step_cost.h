// How many prompt tokens fit into a step of a target length, learned from the steps before.
#pragma once

#include <cstddef>

namespace shimmy::scheduler {

// A token of a prompt costs more the deeper it lies, so a fixed number of tokens would let steps
// grow; a target time does not. One thread.
class StepCost {
 public:
  explicit StepCost(double target_ms) : target_ms_(target_ms) {}

  // A step took `step_ms` with so many rows of each kind.
  void observe(double step_ms, std::size_t decode_rows, std::size_t prompt_rows);

  // Prompt rows for a step that also has `decode_rows`: all of `max_rows` when no stream waits for
  // a token. `others` share the cores by turns, and their streams wait as well: each has its part
  // of the target.
  std::size_t prompt_rows(std::size_t decode_rows, std::size_t max_rows,
                          std::size_t others = 0) const;

 private:
  const double target_ms_;
  double decode_ms_ = 0;  // of a step that only decodes; 0: not seen yet
  double prompt_ms_ = 0;  // per prompt token; 0: not seen yet
};

}  // namespace shimmy::scheduler
