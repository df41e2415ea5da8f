// The seam between the protocols and whatever turns texts into vectors or compares them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "generation/request.h"

namespace shimmy::generation {

// How the vectors of an input's tokens become the one of the input.
enum class Pooling {
  Mean,
  Cls,   // the first token's
  Last,  // the last token's
  Rank,  // a classifier's scores: the first says how well two texts fit, more is better
};

struct EmbedderFacts {
  std::size_t dimensions = 0;  // values of one vector
  Pooling pooling = Pooling::Mean;
  std::size_t longest_input = 0;  // tokens; one more is refused
};

// A snapshot; the numbers need not belong to the same instant.
struct EmbedderLoad {
  std::size_t queued = 0;   // requests of which nothing is computed yet
  std::size_t running = 0;  // the others
  std::uint64_t steps = 0;  // forward passes since the start
  std::uint64_t tokens = 0;
  std::uint64_t context_bytes = 0;  // that it holds beside the weights
  std::uint64_t compute_bytes = 0;
};

using Vector = std::vector<float>;

// Running work on the inputs of one request. Destroying it cancels what is not computed yet. One
// thread at a time may use it; it may outlive its Embedder.
class Embedding {
 public:
  virtual ~Embedding() = default;

  // Blocks for the next input's vector, in the order of the inputs; not normalised, and every value
  // is finite. Empty after the last vector or an error, and when `stop` is requested.
  virtual std::optional<base::Result<Vector>> next(std::stop_token stop = {}) = 0;

  // The next vector if there is one by now. Never blocks.
  virtual std::optional<base::Result<Vector>> poll() = 0;

  // `wake` is called, on the embedder's thread, when a vector has come after poll() found none; and
  // at once if one is waiting now. It must not block, and must not call back into this object.
  virtual void on_vector(std::function<void()> wake) = 0;
};

// Any thread may call any member. Every request that submit accepts gets all of its vectors or one
// error: stopping the embedder ends what runs with Unavailable.
class Embedder {
 public:
  virtual ~Embedder() = default;

  // Never waits. Fails with InvalidRequest (no input, an empty one, a token that does not exist),
  // ContextOverflow (an input is too long; the message has both numbers), Overloaded (too many
  // requests wait) or Unavailable (draining or stopped).
  virtual base::Result<std::unique_ptr<Embedding>> submit(
      std::vector<std::vector<Token>> inputs) = 0;

  // The query and each document as one input, in the model's own form. Only for Pooling::Rank.
  virtual std::vector<std::vector<Token>> encode_pairs(
      std::string_view query, std::span<const std::string> documents) const = 0;

  virtual const EmbedderFacts& facts() const = 0;  // constant
  virtual EmbedderLoad load() const = 0;

  // Refuses new requests from now on; what was accepted goes on.
  virtual void drain() = 0;

  // Blocks until nothing runs or waits, or `stop` is requested. True when idle.
  virtual bool wait_idle(std::stop_token stop = {}) = 0;
};

}  // namespace shimmy::generation
