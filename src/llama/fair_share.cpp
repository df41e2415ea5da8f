#include "llama/fair_share.h"

#include <algorithm>

namespace shimmy::llama {
namespace {

using namespace std::chrono_literals;

constexpr double kBearable = 0.35;                    // of a core that is missing
constexpr FairShare::Clock::duration kWindow = 20ms;  // several time slices
constexpr FairShare::Clock::duration kFirstPause = 100ms;
constexpr FairShare::Clock::duration kLongestPause = 500ms;

double ratio(FairShare::Clock::duration part, FairShare::Clock::duration whole) {
  return std::chrono::duration<double>(part) / std::chrono::duration<double>(whole);
}

}  // namespace

void FairShare::note(Clock::time_point begin, Clock::time_point end, Clock::duration waited) {
  lasted_ += end - begin;
  waited_ += waited;
  // A short window is measured as a whole one: what waits in it may be an exception.
  const double cores_missing = ratio(waited_, std::max(lasted_, kWindow));
  if (cores_missing > kBearable) {
    take_fewer(end, cores_missing);
  } else if (lasted_ >= kWindow) {
    take_more(end);
  }
}

void FairShare::take_fewer(Clock::time_point now, double cores_missing) {
  // A trial in vain delays the next one.
  pause_ = is_trial_ ? std::min(2 * pause_, kLongestPause) : kFirstPause;
  next_trial_ = now + pause_;
  threads_ = std::max(1, threads_ - std::max(1, static_cast<std::int32_t>(cores_missing)));
  begin_window(/*is_trial=*/false);
}

void FairShare::take_more(Clock::time_point now) {
  const bool tries = threads_ < most_ && now >= next_trial_;
  if (tries) ++threads_;
  begin_window(tries);
}

void FairShare::begin_window(bool is_trial) {
  lasted_ = waited_ = {};
  is_trial_ = is_trial;
}

}  // namespace shimmy::llama
