// What a pull tells while it goes on.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "base/error.h"

namespace shimmy::pull {

// `file`: index in Plan::files.
struct Waiting {  // for another pull of the same file, which may be in another process
  std::size_t file = 0;
};
struct Downloading {
  std::size_t file = 0;
  std::uint64_t done = 0;   // never less than before, unless the file had to begin anew
  std::uint64_t total = 0;  // 0: unknown
  double bytes_per_second = 0;
  std::optional<std::chrono::seconds> left{};
};
struct Retrying {
  std::optional<std::size_t> file;  // none: the plan is being made
  base::Error why;
  std::chrono::milliseconds pause{};
};
struct Verifying {  // reads what is there and computes its SHA-256
  std::size_t file = 0;
  std::uint64_t done = 0;
  std::uint64_t total = 0;
};
struct FileDone {
  std::size_t file = 0;
  bool was_there = false;  // nothing had to be fetched
};

using Event = std::variant<Waiting, Downloading, Retrying, Verifying, FileDone>;

// Called from several threads, never from two at once. Must not block for long.
using OnEvent = std::function<void(const Event& event)>;

}  // namespace shimmy::pull
