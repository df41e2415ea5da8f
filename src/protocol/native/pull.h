// POST /api/models/pull: what it takes, and what it tells while a model comes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace shimmy::protocol::native {

struct PullRequest {
  std::string model;         // a reference: "org/repo:Q4_K_M", "qwen3:0.6b", "https://…gguf"
  std::string quantization;  // in place of the reference's; empty: that one's
  bool stream = false;
};

// Wrong types and values are InvalidRequest and name the field.
base::Result<PullRequest> decode_pull_request(std::string_view body);

struct PullProgress {
  std::string_view status;  // "resolving", "waiting", "downloading", "verifying", "retrying"
  std::string file;         // its name; empty: none in particular
  std::uint64_t completed = 0;
  std::uint64_t total = 0;  // 0: unknown
  double bytes_per_second = 0;
  std::optional<std::int64_t> seconds_left;
  std::string reason;  // of retrying
};

// One JSON object.
std::string encode_pull_progress(const PullProgress& progress);

struct PullOutcome {
  std::string model;  // the name to ask for
  std::uint64_t bytes = 0;
  bool was_there = false;
};

std::string encode_pull_outcome(const PullOutcome& outcome);

// The answer of POST /api/models/pull/cancel.
std::string encode_pull_cancelled(std::string_view model);

}  // namespace shimmy::protocol::native
