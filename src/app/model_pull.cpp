#include "app/model_pull.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <variant>

namespace shimmy::app {
namespace {

using protocol::native::PullOutcome;
using protocol::native::PullProgress;
using protocol::native::PullRequest;

std::string file_name(const pull::Plan& plan, std::size_t file) {
  return plan.files.at(file).path.filename().string();
}

struct Teller {
  const pull::Plan& plan;

  PullProgress operator()(const pull::Waiting& waiting) const {
    return {.status = "waiting", .file = file_name(plan, waiting.file)};
  }
  PullProgress operator()(const pull::Downloading& downloading) const {
    PullProgress progress{.status = "downloading",
                          .file = file_name(plan, downloading.file),
                          .completed = downloading.done,
                          .total = downloading.total,
                          .bytes_per_second = downloading.bytes_per_second};
    if (downloading.left) progress.seconds_left = downloading.left->count();
    return progress;
  }
  PullProgress operator()(const pull::Retrying& retrying) const {
    PullProgress progress{.status = "retrying", .reason = retrying.why.message};
    if (retrying.file) progress.file = file_name(plan, *retrying.file);
    return progress;
  }
  PullProgress operator()(const pull::Verifying& verifying) const {
    return {.status = "verifying",
            .file = file_name(plan, verifying.file),
            .completed = verifying.done,
            .total = verifying.total};
  }
  PullProgress operator()(const pull::FileDone& done) const {
    const std::uint64_t bytes = plan.files.at(done.file).bytes;
    return {.status = "downloading",
            .file = file_name(plan, done.file),
            .completed = bytes,
            .total = bytes};
  }
};

// As requests name it from now on.
std::string name_of(const pull::Pulled& pulled, api::ModelControl& control) {
  const api::Discovery discovery = control.discover();
  const auto found = std::ranges::find_if(discovery.models, [&](const auto& entry) {
    std::error_code error;
    return std::filesystem::equivalent(entry.path, pulled.model, error);
  });
  return found == discovery.models.end() ? pulled.model.stem().string() : found->name;
}

}  // namespace

PullJobs::Pull model_pull(PullerFactory make_puller, api::ModelControl& control) {
  return [make_puller = std::move(make_puller), &control](
             const PullRequest& wanted, const api::OnPullProgress& progress,
             const std::stop_token& stop) -> base::Result<PullOutcome> {
    const auto puller = make_puller();
    if (!puller) return std::unexpected(puller.error());
    progress({.status = "resolving"});
    const pull::Plan none;
    const auto plan = puller->resolve(
        {.reference = wanted.model, .quantization = wanted.quantization},
        [&](const pull::Event& event) { progress(std::visit(Teller{none}, event)); }, stop);
    if (!plan) return std::unexpected(plan.error());
    const auto pulled = puller->fetch(
        *plan, [&](const pull::Event& event) { progress(std::visit(Teller{*plan}, event)); }, stop);
    if (!pulled) return std::unexpected(pulled.error());
    return PullOutcome{
        .model = name_of(*pulled, control), .bytes = pulled->bytes, .was_there = pulled->was_there};
  };
}

}  // namespace shimmy::app
