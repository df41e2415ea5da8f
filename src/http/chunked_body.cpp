#include "http/chunked_body.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace shimmy::http {
namespace {

// More could not be a number of bytes; leading zeros count, so that nobody sends them for ever.
constexpr std::size_t kMaxDigits = 16;

std::optional<unsigned> hex_digit(char letter) {
  unsigned value = 0;
  if (std::from_chars(&letter, &letter + 1, value, 16).ec != std::errc{}) return std::nullopt;
  return value;
}

bool is_control(char letter) {
  const auto byte = static_cast<unsigned char>(letter);
  return (byte < 0x20 && letter != '\t') || byte == 0x7f;
}

}  // namespace

ChunkedBody::Piece ChunkedBody::take(std::string_view bytes) {
  Piece piece;
  while (piece.used < bytes.size() && piece.content.empty() && !is_done() && !problem_) {
    if (part_ != Part::Content) {
      take(bytes[piece.used++]);
      continue;
    }
    const auto size = std::min<std::uint64_t>(outstanding_, bytes.size() - piece.used);
    piece.content = bytes.substr(piece.used, static_cast<std::size_t>(size));
    piece.used += piece.content.size();
    outstanding_ -= size;
    if (outstanding_ == 0) part_ = Part::ContentCr;
  }
  return piece;
}

void ChunkedBody::take(char letter) {
  switch (part_) {
    case Part::Size:
    case Part::Extension:
    case Part::SizeEnd: take_of_size(letter); break;
    case Part::ContentCr:
      if (letter != '\r') fail(400, "A chunk is longer than its size line says.");
      part_ = Part::ContentLf;
      break;
    case Part::ContentLf:
      if (letter != '\n') fail(400, "A chunk must end with CR LF.");
      part_ = Part::Size;
      break;
    case Part::Trailer:
    case Part::TrailerEnd: take_of_trailer(letter); break;
    case Part::Content:
    case Part::Done: break;
  }
}

void ChunkedBody::take_of_size(char letter) {
  if (++line_ > line_bytes_) {
    fail(431, "A chunk's size line is longer than the limit for headers.");
  } else if (part_ == Part::SizeEnd) {
    if (letter != '\n') fail(400, "A chunk's size line must end with CR LF.");
    end_size_line();
  } else if (letter == '\r' && digits_ > 0) {
    part_ = Part::SizeEnd;
  } else if (part_ == Part::Extension) {
    if (is_control(letter)) fail(400, "A chunk's extension has a control character.");
  } else if (letter == ';' && digits_ > 0) {
    part_ = Part::Extension;
  } else if (const auto digit = hex_digit(letter); digit && ++digits_ <= kMaxDigits) {
    outstanding_ = outstanding_ * 16 + *digit;
  } else {
    fail(400, "A chunk's size must be a hexadecimal number of at most 16 digits.");
  }
}

void ChunkedBody::end_size_line() {
  part_ = outstanding_ == 0 ? Part::Trailer : Part::Content;
  digits_ = 0;
  line_ = 0;
}

void ChunkedBody::take_of_trailer(char letter) {
  if (++line_ > line_bytes_) {
    fail(431, "The trailers behind the body are larger than the limit for headers.");
  } else if (part_ == Part::TrailerEnd) {
    if (letter != '\n') fail(400, "Every line of the trailers must end with CR LF.");
    part_ = is_empty_line_ ? Part::Done : Part::Trailer;
    is_empty_line_ = true;
  } else if (letter == '\r') {
    part_ = Part::TrailerEnd;
  } else if (is_control(letter)) {
    fail(400, "A trailer has a control character.");
  } else {
    is_empty_line_ = false;
  }
}

void ChunkedBody::fail(int status, std::string_view message) {
  problem_ = Problem{.status = status, .message = std::string(message)};
}

}  // namespace shimmy::http
