#include "http/request_ids.h"

#include <fmt/core.h>

#include <cstdint>
#include <random>
#include <string>

namespace shimmy::http {
namespace {

std::uint64_t seed_of_this_machine() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32U) | device();
}

}  // namespace

RequestIds::RequestIds() : RequestIds(seed_of_this_machine()) {}

RequestIds::RequestIds(std::uint64_t seed) : random_(seed) {}

std::string RequestIds::next() {
  const std::uint64_t high = random_();
  const std::uint64_t low = random_();
  return fmt::format("req_{:016x}{:016x}", high, low);
}

}  // namespace shimmy::http
