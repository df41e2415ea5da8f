// What this process may use of the machine, and what it uses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace shimmy::base {

// Cores this process may run on: its affinity mask, bounded by the cgroup's CPU quota. At least 1.
std::size_t usable_cores();

struct Memory {
  std::uint64_t total_bytes = 0;      // the machine's, or the cgroup's limit where that is lower
  std::uint64_t available_bytes = 0;  // what can be had without swapping
};
Memory machine_memory();

// Resident set of this process, now and at its highest.
std::uint64_t resident_bytes();
std::uint64_t peak_resident_bytes();

// Hands memory that was freed, but is kept for later allocations, back to the system. Milliseconds.
void return_freed_memory();

// Empty when this CPU has every instruction set the binary was built for, else the names of what it
// lacks.
std::string missing_cpu_features();

}  // namespace shimmy::base
