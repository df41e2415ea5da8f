// What a template may use up: it comes out of a file that somebody downloaded.
// For the .cpp files of this folder only: includes llama-common's parser.
#pragma once

#include <jinja/runtime.h>

namespace shimmy::llama {

// Rounds of loops and calls of macros, calls within calls, how far range() counts, and the size of
// a variable. Beyond any of them the render fails with an exception of std's.
class RenderLimits {
 public:
  static constexpr int kMaxSteps = 50'000;
  static constexpr int kMaxDepth = 100;
  static constexpr int kMaxRange = 10'000;
  static constexpr std::size_t kMaxText = std::size_t{4} << 20;  // bytes of a text
  static constexpr std::size_t kMaxItems = 20'000;               // of a list or an object

  // Makes `program` count. Each render counts from the beginning of the latest Count of its thread.
  static void enforce(jinja::program& program);

  // The span of one render, or of several that belong together. On one thread, nested or not.
  class Count {
   public:
    Count();
    ~Count();
    Count(const Count&) = delete;
    Count& operator=(const Count&) = delete;

    static bool is_exceeded();  // any limit, also where the exception was caught

   private:
    const int outer_steps_;
    const bool was_exceeded_;
  };
};

}  // namespace shimmy::llama
