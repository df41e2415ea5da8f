#include "http/inflater.h"

#include <fmt/core.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/text.h"

namespace shimmy::http {
namespace {

constexpr std::size_t kStep = std::size_t{32} << 10U;

// Deflate reaches 1000 to 1, text 3 to 10, and repetitive text within the free part what it likes.
constexpr std::size_t kMaxRatio = 100;
constexpr std::size_t kRatioFree = std::size_t{4} << 20U;

// zlib's codes for the formats, all with the largest window.
constexpr int kGzipBits = 15 + 16;
constexpr int kZlibBits = 15;
constexpr int kBareBits = -15;

// RFC 1950: the method is 8, and the two bytes as a number are divisible by 31.
bool is_zlib(std::string_view begin) {
  const unsigned first = static_cast<unsigned char>(begin[0]);
  const unsigned second = static_cast<unsigned char>(begin[1]);
  return (first & 0x0fU) == 8 && (first * 256 + second) % 31 == 0;
}

// The value of the header, should there be several of that name all of them.
std::string content_encoding(const Request& request) {
  std::string value;
  for (const Header& header : request.headers) {
    if (!equal_ignoring_case(header.name, "content-encoding")) continue;
    if (!value.empty()) value += ", ";
    value += trimmed(header.value);
  }
  return value;
}

}  // namespace

struct Inflater::Stream {
  explicit Stream(int window_bits) : is_ready(inflateInit2(&state, window_bits) == Z_OK) {}
  ~Stream() {
    if (is_ready) inflateEnd(&state);
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  z_stream state{};
  const bool is_ready;
};

std::expected<std::unique_ptr<Inflater>, Problem> Inflater::create(const Request& request,
                                                                   std::size_t max_bytes) {
  const std::string encoding = content_encoding(request);
  if (encoding.empty() || equal_ignoring_case(encoding, "identity")) return nullptr;
  if (equal_ignoring_case(encoding, "gzip") || equal_ignoring_case(encoding, "x-gzip")) {
    return std::unique_ptr<Inflater>(new Inflater(Format::Gzip, max_bytes));
  }
  if (equal_ignoring_case(encoding, "deflate")) {
    return std::unique_ptr<Inflater>(new Inflater(Format::Deflate, max_bytes));
  }
  return std::unexpected(Problem{
      .status = 415,
      .message = fmt::format("The Content-Encoding \"{}\" is not understood; send the body as it "
                             "is, or with gzip or deflate alone.",
                             encoding),
      .headers = {{"Accept-Encoding", "gzip, deflate"}}});
}

Inflater::Inflater(Format format, std::size_t max_bytes) : format_(format), max_bytes_(max_bytes) {}

Inflater::~Inflater() = default;

std::optional<Problem> Inflater::put(std::string_view bytes, std::string& body) {
  sent_ += bytes.size();
  if (is_begun_) return inflate(bytes, body);
  begin_ += bytes;
  if (format_ == Format::Deflate && begin_.size() < 2) return std::nullopt;
  if (begin_.empty()) return std::nullopt;
  is_begun_ = true;
  const int bare_or_not = is_zlib(begin_) ? kZlibBits : kBareBits;
  stream_ = std::make_unique<Stream>(format_ == Format::Gzip ? kGzipBits : bare_or_not);
  const std::string begin = std::exchange(begin_, {});
  return inflate(begin, body);
}

std::optional<Problem> Inflater::finish() const {
  if (sent_ == 0 || is_at_end_) return std::nullopt;
  return broken();
}

std::optional<Problem> Inflater::inflate(std::string_view bytes, std::string& body) {
  if (!stream_->is_ready) return Problem{.status = 503, .message = "There is no memory left."};
  std::array<char, kStep> step;  // NOLINT(cppcoreguidelines-pro-type-member-init): zlib fills it
  z_stream& state = stream_->state;
  state.next_in = reinterpret_cast<const Bytef*>(bytes.data());
  state.avail_in = static_cast<uInt>(bytes.size());
  while (true) {
    if (is_at_end_) {
      if (state.avail_in == 0) return std::nullopt;
      if (format_ == Format::Deflate || inflateReset(&state) != Z_OK) return broken();
      is_at_end_ = false;
    }
    state.next_out = reinterpret_cast<Bytef*>(step.data());
    state.avail_out = kStep;
    const int result = ::inflate(&state, Z_NO_FLUSH);
    const std::size_t produced = kStep - state.avail_out;
    if (auto problem = check_size(body.size() + produced)) return problem;
    body.append(step.data(), produced);
    if (result == Z_STREAM_END) {
      is_at_end_ = true;
    } else if (result == Z_BUF_ERROR || (result == Z_OK && state.avail_out != 0)) {
      if (state.avail_in == 0) return std::nullopt;  // all taken: more has to come
      if (result == Z_BUF_ERROR) return broken();
    } else if (result != Z_OK) {
      return broken();
    }
  }
}

std::optional<Problem> Inflater::check_size(std::size_t bytes) const {
  if (bytes <= max_bytes_ && (bytes <= kRatioFree || bytes / kMaxRatio <= sent_)) {
    return std::nullopt;
  }
  return Problem{.status = 413,
                 .message = fmt::format(
                     "The request's body is too large once decompressed: the limits are {} bytes, "
                     "and beyond {} bytes {} times what was sent.",
                     max_bytes_, kRatioFree, kMaxRatio)};
}

Problem Inflater::broken() const {
  return {.status = 400,
          .message = fmt::format("The request's body is not the whole {} data that its "
                                 "Content-Encoding promises.",
                                 format_ == Format::Gzip ? "gzip" : "deflate")};
}

}  // namespace shimmy::http
