// How OpenSSL reaches the network: through a BIO of ours that never waits.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

struct bio_st;  // NOLINT(readability-identifier-naming): OpenSSL's name

namespace shimmy::http {

// What is behind the door.
class TlsPeer {
 public:
  virtual ~TlsPeer() = default;

  // Fills the buffer with encrypted bytes that have arrived; 0: there are none.
  virtual std::size_t take_arrived(std::span<char> buffer) = 0;

  // Takes all of the encrypted bytes. Must not call OpenSSL.
  virtual void send(std::string_view bytes) = 0;
};

// `peer` must outlive it. Null where memory is short.
bio_st* new_door(TlsPeer& peer);

}  // namespace shimmy::http
