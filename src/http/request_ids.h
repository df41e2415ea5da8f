// Names for requests that no other request ever had.
#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace shimmy::http {

// One per I/O thread; not for secrets.
class RequestIds {
 public:
  RequestIds();
  explicit RequestIds(std::uint64_t seed);

  std::string next();  // "req_" and 32 hexadecimal digits

 private:
  std::mt19937_64 random_;
};

}  // namespace shimmy::http
