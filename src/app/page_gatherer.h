// Moves weights into huge pages, when the first answers of a new model are out.
#pragma once

#include <thread>

#include "base/guarded.h"

namespace shimmy::app {

// A thread that gives way to all others, while there is something to move. Any thread may use it;
// destroying it stops the work within a few milliseconds.
class PageGatherer {
 public:
  // To be called when weights have been loaded: work begins a moment later.
  void begin();

 private:
  base::Guarded<std::jthread> thread_;
};

}  // namespace shimmy::app
