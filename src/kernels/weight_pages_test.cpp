#include "kernels/weight_pages.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <thread>

namespace shimmy::kernels {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBytes = (std::size_t{9} << 20U) + 4096;

std::span<std::uint8_t> bytes_of(const WeightPages& pages) {
  return {static_cast<std::uint8_t*>(pages.begin()), pages.bytes()};
}

void fill(WeightPages& pages) {
  const std::span<std::uint8_t> bytes = bytes_of(pages);
  pages.prepare(bytes.data() + bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 31 >> 5U);
}

bool is_filled(std::span<const std::uint8_t> bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] != static_cast<std::uint8_t>(i * 31 >> 5U)) return false;
  }
  return true;
}

// Kilobytes of `pages`, as the system counts them under that name.
std::size_t kilobytes(const WeightPages& pages, std::string_view name) {
  const auto begin = reinterpret_cast<std::uintptr_t>(pages.begin());
  std::ifstream maps("/proc/self/smaps");
  std::size_t sum = 0;
  bool is_ours = false;
  for (std::string line; std::getline(maps, line);) {
    if (line.find('-') < line.find(' ')) {
      const std::uintptr_t address = std::stoull(line, nullptr, 16);
      is_ours = begin <= address && address < begin + pages.bytes();
    }
    if (is_ours && line.starts_with(name)) sum += std::stoul(line.substr(name.size()));
  }
  return sum;
}

std::size_t huge_kilobytes(const WeightPages& pages) { return kilobytes(pages, "AnonHugePages:"); }

bool system_has_huge_pages() {
  std::ifstream file("/sys/kernel/mm/transparent_hugepage/enabled");
  std::string words;
  std::getline(file, words);
  return words.find("[madvise]") != std::string::npos ||
         words.find("[always]") != std::string::npos;
}

TEST(WeightPages, StartZeroed) {
  for (const auto slow : {0ns, std::chrono::nanoseconds(1h)}) {
    const auto pages = WeightPages::allocate(kBytes, slow);
    ASSERT_TRUE(pages);
    EXPECT_TRUE(std::ranges::all_of(bytes_of(*pages), [](auto byte) { return byte == 0; }));
  }
}

TEST(WeightPages, AreNullWhereThereIsNoMemory) {
  EXPECT_FALSE(WeightPages::allocate(std::size_t{1} << 60U));
}

TEST(WeightPages, AreHugeAtOnceWhereThatIsQuick) {
  if (!system_has_huge_pages()) GTEST_SKIP() << "this system has no huge pages";
  const auto pages = WeightPages::allocate(kBytes, 1h);
  fill(*pages);
  EXPECT_GE(huge_kilobytes(*pages), 6U * 1024);
  EXPECT_FALSE(gather_weight_pages());
}

TEST(WeightPages, TakeNoMoreMemoryThanIsToBeWritten) {
  const auto pages = WeightPages::allocate(kBytes, 1h);
  EXPECT_EQ(kilobytes(*pages, "Rss:"), 0U);
  pages->prepare(bytes_of(*pages).data() + (std::size_t{3} << 20U));
  EXPECT_LE(kilobytes(*pages, "Rss:"), 4U * 1024);
}

TEST(WeightPages, StartSmallWhereThatIsSlow) {
  const auto pages = WeightPages::allocate(kBytes, 0ns);
  fill(*pages);
  EXPECT_LE(huge_kilobytes(*pages), 2U * 1024) << "more than the one that was slow";
}

TEST(WeightPages, KeepTheirContentWhenTheyAreGathered) {
  const auto pages = WeightPages::allocate(kBytes, 0ns);
  fill(*pages);
  std::size_t moves = 1;
  while (gather_weight_pages()) ++moves;
  EXPECT_TRUE(is_filled(bytes_of(*pages)));
  EXPECT_LE(moves, kBytes >> 21U);
  // A system that cannot move pages is asked once only.
  if (moves > 1) {
    EXPECT_GE(huge_kilobytes(*pages), 6U * 1024);
  }
}

TEST(WeightPages, AreGatheredOfEveryBuffer) {
  const auto first = WeightPages::allocate(kBytes, 0ns);
  const auto second = WeightPages::allocate(kBytes, 0ns);
  fill(*first);
  fill(*second);
  while (gather_weight_pages()) continue;
  EXPECT_TRUE(is_filled(bytes_of(*first)));
  EXPECT_TRUE(is_filled(bytes_of(*second)));
  EXPECT_FALSE(gather_weight_pages());
}

TEST(WeightPages, CanGoWhileTheyAreGathered) {
  const std::jthread gatherer([](const std::stop_token& stop) {
    while (!stop.stop_requested()) gather_weight_pages();
  });
  for (int i = 0; i < 50; ++i) {
    const auto pages = WeightPages::allocate(kBytes, 0ns);
    fill(*pages);
    ASSERT_TRUE(is_filled(bytes_of(*pages)));
  }
}

TEST(WeightPages, AreForgottenWhenTheyGo) {
  WeightPages::allocate(kBytes, 0ns).reset();
  EXPECT_FALSE(gather_weight_pages());
}

TEST(WeightPages, OfASmallBufferAreLeftToTheSystem) {
  const auto pages = WeightPages::allocate(1000, 0ns);
  ASSERT_TRUE(pages);
  fill(*pages);
  EXPECT_FALSE(gather_weight_pages());
}

}  // namespace
}  // namespace shimmy::kernels
