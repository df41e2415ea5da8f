// Work that must not slow down what streams.
#pragma once

#include <exception>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

namespace shimmy::app {

// The calling thread, and those that it starts, take this name (15 characters at most) and give way
// to the others of the machine from now on; that cannot be taken back.
void give_way(const char* thread_name);

// Runs `work` on a thread of its own that gives way, and blocks for its result. What it throws
// comes out here.
template <class Work>
std::invoke_result_t<Work> on_quiet_thread(Work work) {
  std::optional<std::invoke_result_t<Work>> result;
  std::exception_ptr thrown;
  std::thread([&] {
    give_way("loader");
    try {
      result.emplace(work());
    } catch (...) {
      thrown = std::current_exception();
    }
  }).join();
  if (thrown) std::rethrow_exception(thrown);
  return std::move(*result);
}

}  // namespace shimmy::app
