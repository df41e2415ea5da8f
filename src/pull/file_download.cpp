#include "pull/file_download.h"

#include <fmt/core.h>

#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "gguf/header.h"
#include "pull/fetcher.h"
#include "pull/part_file.h"
#include "pull/speed.h"
#include "pull/verify.h"
#include "transfer/url.h"

namespace shimmy::pull {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
namespace fs = std::filesystem;

class Download {
 public:
  Download(const FileTask& task, const Access& access)
      : task_(task), file_(task.file), access_(access) {}

  Result<FileOutcome> run() {
    auto part = open();
    if (!part) return std::unexpected(std::move(part).error());
    auto there = existing();
    if (!there) return std::unexpected(std::move(there).error());
    if (std::optional<FileOutcome>& found = *there; found.has_value()) {
      (*part)->discard();
      return std::move(*found);
    }
    auto outcome = fetch(**part);
    // Whatever came is there for the next pull, even after a power cut; a failure here adds nothing
    // to the one that is reported.
    if (!outcome && (*part)->bytes() > 0) static_cast<void>((*part)->sync().has_value());
    return outcome;
  }

 private:
  // Shows how far the other pull is while it is waited for.
  Result<std::unique_ptr<PartFile>> open() const {
    Speed speed(task_.clock);
    bool is_told = false;
    const auto on_wait = [&](std::uint64_t bytes) {
      if (!std::exchange(is_told, true)) task_.on_event(Waiting{task_.index});
      speed.at(bytes);
      Downloading event{task_.index, bytes, file_.bytes, speed.bytes_per_second(), {}};
      if (file_.bytes > bytes) event.left = speed.left(file_.bytes - bytes);
      task_.on_event(event);
    };
    return PartFile::open(file_.path, on_wait, access_.stop);
  }

  // The outcome where the file is already in its place. Fails where that is taken by another file.
  Result<std::optional<FileOutcome>> existing() const {
    std::error_code error;
    if (!fs::is_regular_file(file_.path, error)) return std::nullopt;
    const std::uint64_t bytes = fs::file_size(file_.path, error);
    if (!error && (file_.bytes == 0 || bytes == file_.bytes)) {
      if (file_.sha256.empty()) return FileOutcome{.was_there = true};
      Pace pace(task_.clock);
      auto sha256 = sha256_of(
          file_.path,
          [&](std::uint64_t done, std::uint64_t total) {
            if (pace.is_due()) task_.on_event(Verifying{task_.index, done, total});
          },
          access_.stop);
      if (!sha256) return std::unexpected(std::move(sha256).error());
      if (*sha256 == file_.sha256) return FileOutcome{true, std::move(*sha256)};
    }
    if (task_.may_replace) return std::nullopt;
    return fail(ErrorCode::Io,
                "{} is there already, and is another file than the one to be pulled. Delete it, or "
                "choose another directory with --dir.",
                file_.path.string());
  }

  Result<FileOutcome> fetch(PartFile& part) const {
    for (int round = 1;; ++round) {
      Fetcher fetcher(task_, access_, part);
      if (auto fetched = fetcher.run(); !fetched)
        return std::unexpected(std::move(fetched).error());
      std::string sha256 = fetcher.sha256();
      if (file_.sha256.empty() || sha256 == file_.sha256) return publish(part, std::move(sha256));
      if (auto emptied = part.truncate(0); !emptied) return std::unexpected(emptied.error());
      if (round == 2) return wrong_hash(sha256);
      // Bytes of an earlier pull may be to blame, or a bad line: once more from the start.
      if (access_.on_retry) access_.on_retry(wrong_hash(sha256).error(), {});
    }
  }

  std::unexpected<base::Error> wrong_hash(const std::string& sha256) const {
    auto wrong =
        fail(ErrorCode::Io,
             "{} came with other bytes than promised, and was thrown away. Repeat the pull; "
             "if it happens again, the server or something on the way is to blame.",
             transfer::shown_url(file_.url));
    wrong.error().details = fmt::format("Its SHA-256 is {}, not {}.", sha256, file_.sha256);
    wrong.error().reason = "sha256";
    return wrong;
  }

  Result<FileOutcome> publish(PartFile& part, std::string sha256) const {
    FileOutcome outcome{false, std::move(sha256)};
    if (const auto header = gguf::read_header(part.path()); !header) {
      // What its publisher promised is kept: a later shimmy may read it.
      if (file_.sha256.empty()) {
        if (auto emptied = part.truncate(0); !emptied) return std::unexpected(emptied.error());
        return fail(ErrorCode::Io, "What {} gives cannot be used: {}",
                    transfer::shown_url(file_.url), header.error().message);
      }
      outcome.warning = fmt::format("{} is as its publisher made it, but cannot be used: {}",
                                    file_.path.filename().string(), header.error().message);
    }
    if (auto published = part.publish(); !published) return std::unexpected(published.error());
    return outcome;
  }

  const FileTask& task_;
  const PlannedFile& file_;
  const Access& access_;
};

}  // namespace

Result<FileOutcome> download(const FileTask& task, const Access& access) {
  return Download(task, access).run();
}

}  // namespace shimmy::pull
