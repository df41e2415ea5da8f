// The seam between the protocols and whatever runs a model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/error.h"
#include "generation/embedder.h"
#include "generation/event.h"
#include "generation/request.h"
#include "generation/tokenizer.h"

namespace shimmy::generation {

// What callers may know about the loaded model.
struct ModelFacts {
  std::string name;          // as the file says; may be empty
  std::string architecture;  // "llama", "gemma3", …
  std::uint64_t parameters = 0;
  std::uint64_t weight_bytes = 0;
  std::size_t context_tokens =
      0;  // prompt and completion of one request together cannot exceed this
  std::size_t trained_context_tokens = 0;
  std::string chat_template;  // Jinja text; empty when the model has none
  std::string bos_text;       // the text of the special tokens, for the template; may be empty
  std::string eos_text;
};

// What an engine holds, bytes.
struct EngineMemory {
  std::uint64_t weights = 0;  // mapped from the file, or copied
  std::uint64_t kv_cache = 0;
  std::uint64_t compute = 0;  // buffers for intermediate results and logits

  std::uint64_t total() const { return weights + kv_cache + compute; }
};

// A snapshot; the numbers need not belong to the same instant.
struct EngineLoad {
  std::size_t queued = 0;    // submitted, not yet given a sequence
  std::size_t running = 0;   // prefilling or decoding
  std::size_t swapped = 0;   // waiting in RAM for room in the KV cache
  std::size_t kv_cells = 0;  // capacity of the KV cache, tokens
  std::size_t kv_cells_used = 0;
  std::uint64_t steps = 0;  // decode steps since the start
  std::uint64_t generated_tokens = 0;
  std::uint64_t prefilled_tokens = 0;
  double prefill_seconds = 0;        // spent in steps that held prompts
  double decode_seconds = 0;         // spent in steps that only generated
  std::uint64_t decoded_tokens = 0;  // generated in those
  EngineMemory memory;
};

// A running generation. Destroying it cancels the request and frees its KV cache within one step.
// One thread at a time may use it; it may outlive its Engine.
class Generation {
 public:
  virtual ~Generation() = default;

  // Blocks for the next event. Empty after the final event, and when `stop` is requested.
  virtual std::optional<Event> next(std::stop_token stop = {}) = 0;

  // The next event if there is one by now. Never blocks.
  virtual std::optional<Event> poll() = 0;

  // `wake` is called, on the engine's thread, when an event has come after poll() found none; and
  // at once if events are waiting now. It must not block, and must not call back into this object.
  virtual void on_event(std::function<void()> wake) = 0;
};

// Any thread may call any member. Every request that submit accepts gets exactly one final event,
// whatever becomes of the engine: stopping it ends what runs with Unavailable.
class Engine {
 public:
  virtual ~Engine() = default;

  // Never waits. Fails with InvalidRequest (a value out of range, a model that cannot generate),
  // ContextOverflow (the prompt can never fit; the message has both numbers), Overloaded (the inbox
  // is full) or Unavailable (draining or stopped). A max_tokens beyond the context is cut to what
  // fits.
  virtual base::Result<std::unique_ptr<Generation>> submit(Request request) = 0;

  // What embeds with this model's weights; drain(), wait_idle() and load() see its work, too. Never
  // waits. Fails with InvalidRequest where the model cannot, or Unavailable after drain().
  virtual base::Result<std::shared_ptr<Embedder>> embedder() {
    return base::fail(base::ErrorCode::InvalidRequest, "This model cannot make embeddings.");
  }

  virtual const ModelFacts& facts() const = 0;     // constant
  virtual const Tokenizer& tokenizer() const = 0;  // as long as the engine
  virtual EngineLoad load() const = 0;

  // Refuses new requests from now on; what was accepted goes on.
  virtual void drain() = 0;

  // As drain(), and ends what runs and waits with Unavailable. Does not wait for that.
  virtual void stop() { drain(); }

  // Blocks until nothing runs or waits, or `stop` is requested. True when idle.
  virtual bool wait_idle(std::stop_token stop = {}) = 0;
};

}  // namespace shimmy::generation
