#include "scheduler/shared_compute.h"

#include <cstdint>
#include <limits>

#include "base/machine.h"

namespace shimmy::scheduler {

base::Result<SharedCompute> make_shared_compute(std::size_t threads, bool gives_way) {
  constexpr std::size_t most = std::numeric_limits<std::int32_t>::max();
  if (threads > most) {
    return base::fail_field("threads", "A model cannot compute with {} threads: give {} at most.",
                            threads, most);
  }
  const std::size_t count = threads > 0 ? threads : base::usable_cores();
  auto pool = llama::ThreadPool::create(
      {.threads = static_cast<std::int32_t>(count), .cores = {}, .gives_way = gives_way});
  if (!pool) return std::unexpected(pool.error());
  return SharedCompute{std::make_shared<ComputeTurns>(), std::move(*pool)};
}

}  // namespace shimmy::scheduler
