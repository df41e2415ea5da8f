// How long threads have waited for a core while other threads had it.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

namespace shimmy::base {

// Of one thread. Any thread may ask.
class CoreWait {
 public:
  // `thread`: its id in the system. Empty where the system does not tell: Linux does.
  static std::optional<CoreWait> of(int thread);

  CoreWait(CoreWait&& other) noexcept;
  CoreWait& operator=(CoreWait&& other) noexcept;
  CoreWait(const CoreWait&) = delete;
  CoreWait& operator=(const CoreWait&) = delete;
  ~CoreWait();

  // Since the thread began. Costs a microsecond. Zero once the thread has ended.
  std::chrono::nanoseconds total() const;

 private:
  explicit CoreWait(int file) : file_(file) {}

  int file_;  // -1: moved from
};

// The ids of this process's threads of that name, in ascending order.
std::vector<int> threads_named(std::string_view name);

}  // namespace shimmy::base
