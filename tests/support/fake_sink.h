// A socket that takes as much as a test lets it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "http/byte_sink.h"

namespace shimmy::support {

class FakeSink final : public http::ByteSink {
 public:
  std::string sent;
  std::size_t room = 1'000'000;  // bytes that try_write takes
  bool is_broken = false;
  int most_in_flight = 0;

  std::optional<std::size_t> try_write(std::string_view bytes) override {
    if (is_broken) return std::nullopt;
    const std::size_t taken = std::min(room, bytes.size());
    room -= taken;
    sent += bytes.substr(0, taken);
    return taken;
  }

  void write_some(std::string_view bytes, std::function<void(std::size_t)> done) override {
    most_in_flight = std::max(most_in_flight, done_ ? 2 : 1);
    bytes_ = bytes;
    done_ = std::move(done);
  }

  // Completes the write in flight with up to so many bytes; 0 breaks the connection.
  void take(std::size_t bytes) {
    const std::size_t taken = std::min(bytes, bytes_.size());
    sent += bytes_.substr(0, taken);
    if (const auto done = std::exchange(done_, nullptr)) done(taken);
  }

 private:
  std::string_view bytes_;
  std::function<void(std::size_t)> done_;
};

}  // namespace shimmy::support
