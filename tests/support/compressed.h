// Compressed bodies for tests, in the formats that zlib writes.
#pragma once

#include <zlib.h>

#include <stdexcept>
#include <string>

namespace shimmy::support {

// As zlib counts its window bits.
enum class Packing { Gzip = 15 + 16, Zlib = 15, Bare = -15 };

inline std::string compressed(std::string text, Packing packing) {
  z_stream state{};
  if (deflateInit2(&state, 9, Z_DEFLATED, static_cast<int>(packing), 9, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    throw std::runtime_error("zlib cannot compress");
  }
  std::string out(deflateBound(&state, text.size()), '\0');
  state.next_in = reinterpret_cast<Bytef*>(text.data());
  state.avail_in = static_cast<uInt>(text.size());
  state.next_out = reinterpret_cast<Bytef*>(out.data());
  state.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&state, Z_FINISH);
  out.resize(state.total_out);
  deflateEnd(&state);
  if (result != Z_STREAM_END) throw std::runtime_error("zlib did not compress all of it");
  return out;
}

}  // namespace shimmy::support
