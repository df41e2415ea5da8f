// Random numbers that are the same on every machine, unlike the distributions of <random>.
#pragma once

#include <cstdint>

namespace shimmy::support {

// splitmix64
class Noise {
 public:
  explicit Noise(std::uint64_t seed) : state_(seed) {}

  std::uint64_t bits() {
    std::uint64_t bits = state_ += 0x9E3779B97F4A7C15U;
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9U;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBU;
    return bits ^ (bits >> 31);
  }

  // In [-1, 1).
  float next() { return static_cast<float>(bits() >> 40) / static_cast<float>(1 << 23) - 1.0F; }

 private:
  std::uint64_t state_;
};

}  // namespace shimmy::support
