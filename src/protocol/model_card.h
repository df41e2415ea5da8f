// A model as the lists of every dialect show it.
#pragma once

#include <cstdint>
#include <string>

namespace shimmy::protocol {

struct ModelCard {
  std::string id;
  std::string title{};       // for people; empty: the id
  std::int64_t created = 0;  // Unix seconds, the same in every answer
  std::string source{};      // where it was found
  std::string architecture{};
  std::string quantization{};  // "Q4_K_M"; may be empty
  std::uint64_t parameters = 0;
  std::uint64_t size_bytes = 0;
  std::uint64_t context_tokens = 0;
};

}  // namespace shimmy::protocol
