// Undoes the Content-Encoding of a request's body, piece by piece.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace shimmy::http {

// gzip (of any number of members) and deflate, in zlib's format or, as some clients send it, bare.
class Inflater {
 public:
  // What `request` needs: null for no encoding and "identity". A 415 for an encoding that is not
  // known, and for several.
  static std::expected<std::unique_ptr<Inflater>, Problem> create(const Request& request,
                                                                  std::size_t max_bytes);
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Appends what `bytes` stand for to `body`. 400 for what is not of the encoding; 413 as soon as
  // `body` is longer than `max_bytes`, or so much longer than what was sent that it can only be
  // meant to harm.
  std::optional<Problem> put(std::string_view bytes, std::string& body);

  // To be called behind the last piece.
  std::optional<Problem> finish() const;

 private:
  enum class Format { Gzip, Deflate };
  struct Stream;

  Inflater(Format format, std::size_t max_bytes);

  std::optional<Problem> inflate(std::string_view bytes, std::string& body);
  std::optional<Problem> check_size(std::size_t bytes) const;
  Problem broken() const;

  const Format format_;
  const std::size_t max_bytes_;
  std::unique_ptr<Stream> stream_;
  std::string begin_;  // the first bytes, until they tell zlib's format from a bare one
  std::size_t sent_ = 0;
  bool is_begun_ = false;
  bool is_at_end_ = false;  // of a member
};

}  // namespace shimmy::http
