// Gets models from the hub, from registries and from any address.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "pull/disk_space.h"
#include "pull/endpoints.h"
#include "pull/event.h"
#include "pull/plan.h"
#include "pull/planner.h"
#include "pull/retries.h"
#include "transfer/http_client.h"

namespace shimmy::pull {

struct PullerParts {
  std::shared_ptr<transfer::HttpClient> client;
  Endpoints endpoints;
  std::filesystem::path directory;  // where models go
  RetryLimits limits{};
  FreeSpace free = free_space;
  std::shared_ptr<const base::Clock> clock = std::make_shared<base::SteadyClock>();
};

struct Asked {
  std::string reference;     // as the user wrote it
  std::string quantization;  // in place of the reference's; empty: that one's
  Choose choose{};           // empty: the usual one of several is taken
};

struct Pulled {
  std::filesystem::path model;               // the file, or its first shard
  std::vector<std::filesystem::path> files;  // all of them
  std::uint64_t bytes = 0;                   // of all files
  bool was_there = false;                    // nothing had to be fetched
  std::vector<std::string> warnings;         // full sentences
};

// Any thread; several pulls at once. Of the same file one at a time, over all threads and
// processes: the others wait, are told how far it is, and find it done.
class Puller {
 public:
  explicit Puller(PullerParts parts) : parts_(std::move(parts)) {}

  // Asks the server what is to be fetched; blocks. `on_event` may get Retrying. Fails with
  // InvalidRequest (no reference), ModelNotFound, Unavailable (nobody answers), Io or Cancelled.
  base::Result<Plan> resolve(const Asked& asked, const OnEvent& on_event,
                             const std::stop_token& stop) const;

  // Fetches, up to three files at a time; blocks. Where it fails or is stopped, what has come stays
  // for the next pull. Fails with Unavailable (gave up after several attempts), Io (no room, files,
  // wrong bytes) or Cancelled.
  base::Result<Pulled> fetch(const Plan& plan, const OnEvent& on_event, std::stop_token stop) const;

 private:
  const PullerParts parts_;
};

}  // namespace shimmy::pull
