// The pages that packed weights lie in: huge ones, at once where the system is quick to clear them,
// else later.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace shimmy::kernels {

// Zeroed memory in pages of its own. Any thread may make and destroy it; one at a time writes.
class WeightPages {
 public:
  // Null when there is no memory. Fewer faults and misses make huge pages the better ones, but a
  // virtual machine whose host has taken back its free memory takes milliseconds to clear one;
  // small ones are mostly recycled and quick. After one that took prepare() longer than `slow` the
  // rest starts in small ones, to be moved by gather_weight_pages().
  static std::unique_ptr<WeightPages> allocate(
      std::size_t bytes, std::chrono::nanoseconds slow = std::chrono::milliseconds(1));

  WeightPages(const WeightPages&) = delete;
  WeightPages& operator=(const WeightPages&) = delete;
  ~WeightPages();

  // To be called before memory up to `end` is written for the first time. Takes no pages beyond,
  // since what is copied from may still be in memory as a whole.
  void prepare(const void* end);

  void* begin() const { return begin_; }
  std::size_t bytes() const { return bytes_; }

 private:
  WeightPages(std::uint8_t* begin, std::size_t bytes) : begin_(begin), bytes_(bytes) {}

  std::uint8_t* begin_;
  std::size_t bytes_;
  std::chrono::nanoseconds slow_{};
  // Huge pages that are still to be cleared, and not known to be slow.
  std::uint8_t* next_ = nullptr;
  std::uint8_t* end_ = nullptr;
};

// Moves weights that lie in small pages into the next huge page: work of a millisecond, or several
// on a slow host, that may run beside all that reads and writes them. False when none are left to
// move, or the system cannot. To be called again and again, by any thread.
bool gather_weight_pages();

}  // namespace shimmy::kernels
