// The words that all of llama/ shares.
#pragma once

#include <cstdint>

namespace shimmy::llama {

using Token = std::int32_t;       // an id of the vocabulary; -1 where there is none
using Position = std::int32_t;    // place of a token in its sequence, from 0
using SequenceId = std::int32_t;  // which conversation a cache cell belongs to

constexpr Token kNoToken = -1;
constexpr std::int32_t kMaxSequences = 256;  // libllama's own limit on sequence ids

}  // namespace shimmy::llama
