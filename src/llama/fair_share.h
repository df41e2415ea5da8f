// With how many threads to compute while other programs may want the same cores.
#pragma once

#include <chrono>
#include <cstdint>

namespace shimmy::llama {

// Threads that wait for each other hundreds of times in a pass are as slow as the one that has to
// share its core. So where they are seen to wait for cores, the next passes have fewer of them;
// after a while one more is tried again.
class FairShare {
 public:
  using Clock = std::chrono::steady_clock;

  explicit FairShare(std::int32_t most) : most_(most), threads_(most) {}

  std::int32_t threads() const { return threads_; }  // of the next pass: 1 to most

  // A pass lasted from `begin` to `end`, and its threads waited for cores as long as `waited`, all
  // together.
  void note(Clock::time_point begin, Clock::time_point end, Clock::duration waited);

 private:
  void take_fewer(Clock::time_point now, double cores_missing);
  void take_more(Clock::time_point now);
  void begin_window(bool is_trial);

  std::int32_t most_;
  std::int32_t threads_;
  // passes that are looked at together, all with as many threads
  Clock::duration lasted_{};
  Clock::duration waited_{};
  bool is_trial_ = false;    // the first ones with one thread more
  Clock::duration pause_{};  // before one more is tried
  Clock::time_point next_trial_;
};

}  // namespace shimmy::llama
