#include "pull/fetcher.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/quantity.h"
#include "pull/content_range.h"
#include "pull/http_status.h"
#include "pull/verify.h"
#include "transfer/url.h"

namespace shimmy::pull {
namespace {

using base::Error;
using base::ErrorCode;
using base::fail;
using base::Result;

constexpr std::uint64_t kSyncBytes = std::uint64_t{64} << 20;
constexpr std::uint64_t kProgressBytes = std::uint64_t{256} << 10;
constexpr int kMaxRestarts = 3;

std::unexpected<Error> wrong_length(std::string_view url, std::uint64_t said,
                                    std::uint64_t expected) {
  return std::unexpected(Error{ErrorCode::Unavailable,
                               fmt::format("{} has {} bytes where {} were promised.",
                                           transfer::shown_url(url), said, expected),
                               {},
                               {},
                               "length"});
}

}  // namespace

Result<void> Fetcher::run() {
  if (auto begun = take_up(); !begun) return begun;
  Retries retries(access_.limits, access_.on_retry);
  while (!is_complete()) {
    auto trouble = attempt();
    if (!trouble) continue;
    if (part_.bytes() >= furthest_ + kProgressBytes) retries.made_progress();
    furthest_ = std::max(furthest_, part_.bytes());
    if (retries.wait_after(*trouble, access_.stop)) continue;
    if (access_.stop.stop_requested()) return fail(ErrorCode::Cancelled, "The pull was stopped.");
    return std::unexpected(std::move(trouble->error));
  }
  report(/*is_last=*/true);
  return {};
}

Result<void> Fetcher::take_up() {
  const PlannedFile& file = task_.file;
  const PartRecord& record = part_.record();
  const bool is_same = part_.has_record() && record.sha256 == file.sha256 &&
                       (file.bytes == 0 || record.bytes == file.bytes);
  expected_ = file.bytes > 0 || !is_same ? file.bytes : record.bytes;
  std::uint64_t kept = 0;
  // The hash will tell whether all bytes are right. Without one, only those count that had reached
  // the disk, and the server must say that the file is still the same.
  if (is_same && !file.sha256.empty()) kept = part_.bytes();
  else if (is_same && !record.validator.empty()) kept = std::min(part_.bytes(), record.synced);
  if (expected_ > 0 && kept > expected_) kept = 0;
  if (kept == 0) return begin_anew({});
  has_resumed_ = true;
  furthest_ = kept;
  synced_ = kept;
  if (auto cut = part_.truncate(kept); !cut) return cut;
  return hash_what_is_there();
}

Result<void> Fetcher::begin_anew(std::string_view validator) {
  hash_ = Sha256();
  has_resumed_ = false;
  synced_ = 0;
  return part_.restart({expected_, task_.file.sha256, std::string(validator)});
}

Result<void> Fetcher::hash_what_is_there() {
  std::uint64_t done = 0;
  Pace pace(task_.clock);
  auto read = part_.read([&](std::string_view piece) {
    hash_.add(piece);
    done += piece.size();
    if (pace.is_due()) task_.on_event(Verifying{task_.index, done, part_.bytes()});
    return !access_.stop.stop_requested();
  });
  if (!read) return read;
  if (access_.stop.stop_requested()) return fail(ErrorCode::Cancelled, "The pull was stopped.");
  report(/*is_last=*/false);
  return {};
}

transfer::Request Fetcher::request() const {
  transfer::Request request;
  request.url = task_.file.url;
  request.headers = task_.file.headers;
  request.timeouts.stall = access_.limits.stall;
  if (part_.bytes() > 0) {
    request.headers.push_back({"Range", fmt::format("bytes={}-", part_.bytes())});
    const std::string& validator = part_.record().validator;
    if (!validator.empty()) request.headers.push_back({"If-Range", validator});
  }
  return request;
}

// Nothing: it went well, or the next attempt begins anew.
std::optional<Trouble> Fetcher::attempt() {
  has_changed_ = false;
  wish_.reset();
  const transfer::Receiver receiver{
      [this](const transfer::ResponseHead& head) { return take_head(head); },
      [this](std::string_view bytes) { return take_body(bytes); }};
  auto sent = access_.client.send(request(), receiver, access_.stop);
  if (has_changed_ && ++restarts_ <= kMaxRestarts) {
    if (auto begun = begin_anew({}); !begun) return Trouble{std::move(begun).error()};
    return {};
  }
  if (!sent) return Trouble{std::move(sent).error(), wish_};
  if (expected_ > 0 && part_.bytes() < expected_) {
    return Trouble{{ErrorCode::Unavailable,
                    fmt::format("{} ended after {} of {}.", transfer::shown_url(task_.file.url),
                                base::human_bytes(part_.bytes()), base::human_bytes(expected_)),
                    {},
                    {},
                    "cut"}};
  }
  has_ended_ = true;
  return {};
}

Result<void> Fetcher::take_head(const transfer::ResponseHead& head) {
  wish_ = retry_after(head);
  if (head.status == 200) return take_whole(head);
  if (part_.bytes() > 0 && (head.status == 206 || head.status == 416)) return take_rest(head);
  return std::unexpected(status_error(head, transfer::shown_url(task_.file.url)));
}

Result<void> Fetcher::take_rest(const transfer::ResponseHead& head) {
  const auto range = content_range(head);
  const std::string_view validator = validator_of(head);
  const std::string& known = part_.record().validator;
  const bool continues = head.status == 206 && range && range->first == part_.bytes() &&
                         (expected_ == 0 || range->total == 0 || range->total == expected_) &&
                         (known.empty() || validator.empty() || validator == known);
  if (continues) return {};
  has_changed_ = true;
  return std::unexpected(
      Error{ErrorCode::Unavailable,
            fmt::format("{} changes while it is fetched.", transfer::shown_url(task_.file.url)),
            {},
            {},
            "changed"});
}

// Of a server that ignores ranges, too, and of one that has another file by now.
Result<void> Fetcher::take_whole(const transfer::ResponseHead& head) {
  const std::uint64_t length = head.content_length().value_or(0);
  if (task_.file.bytes > 0 && length > 0 && length != task_.file.bytes) {
    return wrong_length(task_.file.url, length, task_.file.bytes);
  }
  if (task_.file.bytes == 0) expected_ = length;
  return begin_anew(validator_of(head));
}

Result<void> Fetcher::take_body(std::string_view bytes) {
  if (expected_ > 0 && bytes.size() > expected_ - part_.bytes()) {
    return wrong_length(task_.file.url, part_.bytes() + bytes.size(), expected_);
  }
  if (part_.bytes() == 0) {
    auto begins = check_beginning(bytes, transfer::shown_url(task_.file.url));
    if (!begins) return begins;
  }
  if (auto written = part_.append(bytes); !written) return written;
  hash_.add(bytes);
  report(/*is_last=*/false);
  if (part_.bytes() - synced_ < kSyncBytes) return {};
  synced_ = part_.bytes();
  return part_.sync();
}

void Fetcher::report(bool is_last) {
  if (!pace_.is_due() && !is_last) return;
  speed_.at(part_.bytes());
  Downloading event{task_.index, part_.bytes(), expected_, speed_.bytes_per_second(), {}};
  if (expected_ > 0) event.left = speed_.left(expected_ - part_.bytes());
  task_.on_event(event);
}

}  // namespace shimmy::pull
