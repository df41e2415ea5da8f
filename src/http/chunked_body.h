// Takes the chunked transfer coding off a body (RFC 9112 §7.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "http/message.h"

namespace shimmy::http {

// Looks at each byte of the coding once and by itself, so that the verdict does not depend on how
// the network cut the bytes. Chunk extensions and trailers are read over.
class ChunkedBody {
 public:
  // `line_bytes`: of a chunk's size line, and of all trailers together; over: 431.
  explicit ChunkedBody(std::size_t line_bytes) : line_bytes_(line_bytes) {}

  struct Piece {
    std::size_t used = 0;      // bytes taken from the front
    std::string_view content;  // of the body, within those
  };

  // Goes on to the next piece of content, or to the end of `bytes`.
  Piece take(std::string_view bytes);

  bool is_done() const { return part_ == Part::Done; }
  const std::optional<Problem>& problem() const { return problem_; }

  // How much of the current chunk is still to come.
  std::uint64_t outstanding() const { return part_ == Part::Content ? outstanding_ : 0; }

 private:
  enum class Part {
    Size,
    Extension,
    SizeEnd,
    Content,
    ContentCr,
    ContentLf,
    Trailer,
    TrailerEnd,
    Done
  };

  void take(char letter);
  void take_of_size(char letter);
  void take_of_trailer(char letter);
  void end_size_line();
  void fail(int status, std::string_view message);

  const std::size_t line_bytes_;
  std::optional<Problem> problem_;
  Part part_ = Part::Size;
  std::uint64_t outstanding_ = 0;
  std::size_t digits_ = 0;     // of the size
  std::size_t line_ = 0;       // bytes of the size line, or of the trailers
  bool is_empty_line_ = true;  // of the trailers
};

}  // namespace shimmy::http
