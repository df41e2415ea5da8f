// One file of a plan: fetched, resumed, verified, put in its place.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "pull/access.h"
#include "pull/event.h"
#include "pull/plan.h"

namespace shimmy::pull {

struct FileOutcome {
  bool was_there = false;  // nothing had to be fetched
  std::string sha256;      // of what is there now; empty: was there, and nobody says what it is
  std::string warning{};   // what is odd about it; empty: nothing
};

struct FileTask {
  const PlannedFile& file;
  std::size_t index = 0;     // in the plan: for events
  bool may_replace = false;  // another file that has the name already
  const OnEvent& on_event;
  const base::Clock& clock;
};

// Blocks. Where the same file is pulled elsewhere, waits for that to end. Fails as the access says
// (Cancelled keeps what is there), with Io for files, and with Io where what came is not what the
// plan promises.
base::Result<FileOutcome> download(const FileTask& task, const Access& access);

}  // namespace shimmy::pull
