#include "pull/puller.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "pull/file_download.h"
#include "pull/origin.h"
#include "pull/part_file.h"
#include "transfer/url.h"

namespace shimmy::pull {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;
namespace fs = std::filesystem;

constexpr std::size_t kFilesAtOnce = 3;

std::uint64_t size_or_nothing(const fs::path& file) {
  std::error_code error;
  const std::uint64_t bytes = fs::file_size(file, error);
  return error ? 0 : bytes;
}

// Bytes that are not on the disk yet.
std::uint64_t missing_bytes(const Plan& plan) {
  std::uint64_t missing = 0;
  for (const PlannedFile& file : plan.files) {
    if (size_or_nothing(file.path) == file.bytes) continue;
    const std::uint64_t part = size_or_nothing(PartFile::path_for(file.path));
    missing += file.bytes - std::min(part, file.bytes);
  }
  return missing;
}

// The downloads of one plan, on several threads.
class Fetch {
 public:
  Fetch(const Plan& plan, const PullerParts& parts, const OnEvent& on_event, std::stop_token stop)
      : plan_(plan),
        parts_(parts),
        on_event_(on_event),
        outcomes_(plan.files.size()),
        is_ours_(read_origin(plan.files.front().path).has_value()),
        // The failure of one file stops the others.
        stop_from_outside_(std::move(stop), [this] { stop_.request_stop(); }) {}

  Result<Pulled> run() {
    {
      std::vector<std::jthread> threads;
      const std::size_t count = std::min(plan_.files.size(), kFilesAtOnce);
      for (std::size_t i = 1; i < count; ++i) threads.emplace_back([this] { work(); });
      work();
    }
    if (failure_) return std::unexpected(std::move(*failure_));
    return finish();
  }

 private:
  void work() {
    while (!stop_.stop_requested()) {
      const std::size_t index = next_++;
      if (index >= plan_.files.size()) return;
      auto outcome = pull_one(index);
      const std::lock_guard lock(mutex_);
      if (outcome) {
        outcomes_[index] = std::move(*outcome);
        on_event_(FileDone{index, outcomes_[index].was_there});
        continue;
      }
      // The first failure is the reason; what the others say came of it.
      if (!failure_) failure_ = std::move(outcome).error();
      stop_.request_stop();
    }
    const std::lock_guard lock(mutex_);
    const bool is_all_begun = next_ >= plan_.files.size();
    if (!failure_ && !is_all_begun)
      failure_ = Error{ErrorCode::Cancelled, "The pull was stopped.", {}, {}};
  }

  Result<FileOutcome> pull_one(std::size_t index) {
    const OnEvent on_event = [this](const Event& event) {
      const std::lock_guard lock(mutex_);
      on_event_(event);
    };
    const OnRetry on_retry = [&](const Error& why, std::chrono::milliseconds pause) {
      on_event(Retrying{index, why, pause});
    };
    const std::stop_token stop = stop_.get_token();
    const Access access{*parts_.client, parts_.endpoints, parts_.limits, on_retry, stop};
    return download({plan_.files[index], index, is_ours_, on_event, *parts_.clock}, access);
  }

  Result<Pulled> finish() const {
    Pulled pulled;
    pulled.model = plan_.files.front().path;
    pulled.was_there = true;
    Origin origin{plan_.reference, plan_.aliases, {}, plan_.texts};
    for (std::size_t i = 0; i < plan_.files.size(); ++i) {
      const PlannedFile& file = plan_.files[i];
      const FileOutcome& outcome = outcomes_[i];
      const std::uint64_t bytes = size_or_nothing(file.path);
      pulled.files.push_back(file.path);
      pulled.bytes += bytes;
      pulled.was_there = pulled.was_there && outcome.was_there;
      if (!outcome.warning.empty()) pulled.warnings.push_back(outcome.warning);
      const std::string& sha256 = outcome.sha256.empty() ? file.sha256 : outcome.sha256;
      origin.files.push_back({file.path.lexically_relative(pulled.model.parent_path()).string(),
                              bytes, sha256, transfer::shown_url(file.url)});
    }
    if (auto written = write_origin(pulled.model, origin); !written) {
      return std::unexpected(std::move(written).error());
    }
    return pulled;
  }

  const Plan& plan_;
  const PullerParts& parts_;
  const OnEvent& on_event_;            // guarded by mutex_
  std::vector<FileOutcome> outcomes_;  // guarded by mutex_
  const bool is_ours_;
  std::mutex mutex_;
  std::optional<Error> failure_;  // guarded by mutex_
  std::atomic<std::size_t> next_ = 0;
  std::stop_source stop_;
  const std::stop_callback<std::function<void()>> stop_from_outside_;
};

}  // namespace

Result<Plan> Puller::resolve(const Asked& asked, const OnEvent& on_event,
                             const std::stop_token& stop) const {
  auto reference = parse_reference(asked.reference);
  if (!reference) return std::unexpected(std::move(reference).error());
  const OnRetry on_retry = [&](const Error& why, std::chrono::milliseconds pause) {
    on_event(Retrying{std::nullopt, why, pause});
  };
  const Access access{*parts_.client, parts_.endpoints, parts_.limits, on_retry, stop};
  return make_plan({std::move(*reference), asked.quantization, asked.choose, parts_.directory},
                   access);
}

Result<Pulled> Puller::fetch(const Plan& plan, const OnEvent& on_event,
                             std::stop_token stop) const {
  const fs::path directory = plan.files.front().path.parent_path();
  if (auto room = check_space(directory, missing_bytes(plan), parts_.free); !room) {
    return std::unexpected(std::move(room).error());
  }
  return Fetch(plan, parts_, on_event, std::move(stop)).run();
}

}  // namespace shimmy::pull
