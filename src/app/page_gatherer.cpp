#include "app/page_gatherer.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

#include "app/quiet_thread.h"
#include "kernels/weight_pages.h"

namespace shimmy::app {
namespace {

// Long enough for the request that has a model loaded to be answered first.
constexpr std::chrono::seconds kDelay{1};

void gather(const std::stop_token& stop) {
  give_way("page-gatherer");
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any stopped;
  stopped.wait_for(lock, stop, kDelay, [] { return false; });
  while (!stop.stop_requested() && kernels::gather_weight_pages()) continue;
}

}  // namespace

void PageGatherer::begin() {
  // What an earlier thread has left is done by this one.
  thread_.with([](std::jthread& thread) { thread = std::jthread(gather); });
}

}  // namespace shimmy::app
