// Memory between two pages that nobody may touch: a read or write past either end ends the test at
// once.
#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace shimmy::kernels {

// Which end of the memory lies against its forbidden page.
enum class Guard { Before, After };

class GuardedMemory {
 public:
  GuardedMemory(std::size_t bytes, Guard guard) : bytes_(bytes) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t inner = (bytes + page - 1) / page * page;
    whole_ = inner + 2 * page;
    void* const mapped = mmap(nullptr, whole_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT_NE(mapped, MAP_FAILED);
    begin_ = static_cast<std::uint8_t*>(mapped);
    EXPECT_EQ(mprotect(begin_ + page, inner, PROT_READ | PROT_WRITE), 0);
    at_ = begin_ + page + (guard == Guard::After ? inner - bytes : 0);
  }
  GuardedMemory(std::span<const std::uint8_t> content, Guard guard)
      : GuardedMemory(content.size(), guard) {
    std::memcpy(at_, content.data(), content.size());
  }
  GuardedMemory(const GuardedMemory&) = delete;
  GuardedMemory& operator=(const GuardedMemory&) = delete;
  ~GuardedMemory() { munmap(begin_, whole_); }

  std::uint8_t* data() const { return at_; }
  std::size_t size() const { return bytes_; }
  float* floats() const { return reinterpret_cast<float*>(at_); }

 private:
  std::uint8_t* begin_ = nullptr;
  std::uint8_t* at_ = nullptr;
  std::size_t whole_ = 0;
  std::size_t bytes_;
};

}  // namespace shimmy::kernels
