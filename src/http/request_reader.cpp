#include "http/request_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

namespace shimmy::http {

RequestReader::RequestReader(const Limits& limits)
    : header_bytes_(limits.header_bytes),
      body_bytes_(limits.body_bytes),
      scanner_(limits.header_bytes, limits.target_bytes) {}

std::size_t RequestReader::feed(std::string_view bytes) {
  if (problem_ || phase_ == Phase::Done) return 0;
  if (phase_ == Phase::Head) return feed_head(bytes);
  if (phase_ == Phase::BeforeBody) begin_body();
  return problem_ ? 0 : feed_body(bytes);
}

std::size_t RequestReader::feed_head(std::string_view bytes) {
  // Line ends left over from the request before (RFC 9112 2.2).
  const std::size_t skipped =
      has_begun_ ? 0 : std::min(bytes.find_first_not_of("\r\n"), bytes.size());
  bytes.remove_prefix(skipped);
  has_begun_ = !bytes.empty();
  if (!scanner_.scan(bytes)) {
    problem_ = scanner_.problem();
    return skipped;
  }
  head_ = parse_request_head(bytes.substr(0, scanner_.head_bytes()));
  problem_ = std::exchange(head_.problem, {});
  if (!problem_) phase_ = head_.has_body() ? Phase::BeforeBody : Phase::Done;
  return skipped + scanner_.head_bytes();
}

void RequestReader::begin_body() {
  phase_ = Phase::Body;
  auto inflater = Inflater::create(head_.request, body_bytes_);
  if (!inflater) {
    fail(std::move(inflater.error()));
    return;
  }
  inflater_ = std::move(*inflater);
  if (head_.is_chunked) chunks_.emplace(header_bytes_);
  check_size(head_.content_length);
}

std::size_t RequestReader::feed_body(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size() && !problem_ && phase_ != Phase::Done) {
    ChunkedBody::Piece piece;
    if (chunks_) {
      piece = chunks_->take(bytes.substr(used));
      if (chunks_->problem()) problem_ = chunks_->problem();
      // The sum alone could overflow.
      check_size(chunks_->outstanding());
      check_size(received_ + piece.content.size() + chunks_->outstanding());
    } else {
      piece.content = bytes.substr(used, head_.content_length - received_);
      piece.used = piece.content.size();
    }
    used += piece.used;
    accept(piece.content);
    const bool is_whole = chunks_ ? chunks_->is_done() : received_ == head_.content_length;
    if (is_whole && !problem_) end_body();
  }
  return used;
}

void RequestReader::accept(std::string_view content) {
  received_ += content.size();
  if (problem_ || content.empty()) return;
  if (inflater_) {
    problem_ = inflater_->put(content, head_.request.body);
  } else {
    head_.request.body += content;
  }
}

void RequestReader::end_body() {
  phase_ = Phase::Done;
  if (inflater_) problem_ = inflater_->finish();
}

void RequestReader::check_size(std::uint64_t bytes) {
  if (problem_ || bytes <= body_bytes_) return;
  fail({.status = 413,
        .message = fmt::format("The request's body is larger than the limit of {} bytes; send a "
                               "smaller one.",
                               body_bytes_)});
}

}  // namespace shimmy::http
