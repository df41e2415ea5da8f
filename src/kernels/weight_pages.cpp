#include "kernels/weight_pages.h"

#include <sys/mman.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <utility>

#include "kernels/stopwatch.h"

namespace shimmy::kernels {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20U;
constexpr std::size_t kWorthHugePages = 2 * kHugePage;
// MADV_COLLAPSE of Linux 6.1, which older headers do not have.
constexpr int kCollapse = 25;

// Whole huge pages that are left to be moved: their first bytes and the ends of their rows.
struct Remaining {
  std::mutex mutex;
  std::map<std::uint8_t*, std::uint8_t*> rows;
};

Remaining& remaining() {
  static Remaining all;
  return all;
}

std::uint8_t* next_huge_page(void* address) {
  const auto number = reinterpret_cast<std::uintptr_t>(address);
  return static_cast<std::uint8_t*>(address) + (kHugePage - number % kHugePage) % kHugePage;
}

}  // namespace

std::unique_ptr<WeightPages> WeightPages::allocate(std::size_t bytes,
                                                   std::chrono::nanoseconds slow) {
  void* const memory =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  auto* const begin = static_cast<std::uint8_t*>(memory);
  std::unique_ptr<WeightPages> pages(new WeightPages(begin, bytes));
  // Only a wish: without it everything works, a little slower.
  if (bytes < kWorthHugePages || madvise(begin, bytes, MADV_HUGEPAGE) != 0) return pages;
  pages->slow_ = slow;
  pages->next_ = next_huge_page(begin);
  pages->end_ =
      pages->next_ + static_cast<std::size_t>(begin + bytes - pages->next_) / kHugePage * kHugePage;
  return pages;
}

void WeightPages::prepare(const void* end) {
  const double slow = std::chrono::duration<double>(slow_).count();
  while (next_ < end_ && next_ < end) {
    auto* const page = static_cast<volatile std::uint8_t*>(next_);
    const double seconds = seconds_of([&] { *page = 0; });
    next_ += kHugePage;
    if (seconds <= slow) continue;
    std::uint8_t* const rest = std::exchange(next_, end_);
    if (rest == end_) return;
    madvise(rest, static_cast<std::size_t>(end_ - rest), MADV_NOHUGEPAGE);
    const std::lock_guard lock(remaining().mutex);
    remaining().rows.emplace(rest, end_);
  }
}

WeightPages::~WeightPages() {
  {
    const std::lock_guard lock(remaining().mutex);
    const auto row = remaining().rows.lower_bound(begin_);
    if (row != remaining().rows.end() && row->first < begin_ + bytes_) remaining().rows.erase(row);
  }
  munmap(begin_, bytes_);
}

bool gather_weight_pages() {
  const std::lock_guard lock(remaining().mutex);
  if (remaining().rows.empty()) return false;
  const auto row = remaining().rows.extract(remaining().rows.begin());
  std::uint8_t* const page = row.key();
  std::uint8_t* const end = row.mapped();
  // The wish for huge pages is that of the whole row, so that it stays one mapping. A system that
  // cannot move pages at once may still do it by and by.
  madvise(page, static_cast<std::size_t>(end - page), MADV_HUGEPAGE);
  if (madvise(page, kHugePage, kCollapse) == 0 && page + kHugePage < end)
    remaining().rows.emplace(page + kHugePage, end);
  return !remaining().rows.empty();
}

}  // namespace shimmy::kernels
