#include "kernels/parallel.h"

#include <algorithm>
#include <system_error>
#include <thread>
#include <vector>

#include "base/machine.h"

namespace shimmy::kernels {

void in_parallel(std::size_t first, std::size_t last, std::size_t threads,
                 const std::function<void(std::size_t)>& work) {
  const std::size_t count = last - first;
  threads = std::clamp<std::size_t>(std::min(threads, count), 1, base::usable_cores());
  const auto run = [&](std::size_t share) {
    const std::size_t end = first + count * (share + 1) / threads;
    for (std::size_t index = first + count * share / threads; index < end; ++index) work(index);
  };
  std::vector<std::jthread> others;
  std::size_t started = 1;
  try {
    for (; started < threads; ++started) others.emplace_back(run, started);
  } catch (const std::system_error&) {
    // No more threads to be had: what they would have done is done here.
    for (std::size_t share = started; share < threads; ++share) run(share);
  }
  run(0);
}

}  // namespace shimmy::kernels
