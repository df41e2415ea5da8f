// A loop over independent items, shared among a few threads that live as long as the loop.
#pragma once

#include <cstddef>
#include <functional>

namespace shimmy::kernels {

// Calls `work` once for each index in [first, last), on at most `threads` threads and no more than
// this process has cores; the caller's thread is one of them. Returns when all are done.
void in_parallel(std::size_t first, std::size_t last, std::size_t threads,
                 const std::function<void(std::size_t)>& work);

}  // namespace shimmy::kernels
