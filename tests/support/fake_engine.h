// An Engine without a model: the test says what each request yields, and when.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "generation/engine.h"
#include "support/byte_tokenizer.h"

namespace shimmy::support {

// Any thread may call any member. Requests are numbered from 0 in the order of their submission.
class FakeEngine final : public generation::Engine {
 public:
  explicit FakeEngine(generation::ModelFacts facts = default_facts());
  ~FakeEngine() override;  // ends what runs with Unavailable

  static generation::ModelFacts default_facts();  // a context of 4096 tokens, a ChatML template

  // What the next request without a script yields at once. A request that finds no script yields
  // nothing until emit().
  void script(std::vector<generation::Event> events);

  // The next submit fails so.
  void refuse(base::Error error);

  // From now on it fills in, or embeds; without them it cannot. Before others use the object.
  void infill() { tokenizer_.infill(); }
  void embed_with(std::shared_ptr<generation::Embedder> embedder);

  // Hands one more event to a request; wakes its reader on this thread. Dropped once the request
  // has had its final event or is cancelled.
  void emit(std::size_t request, generation::Event event);

  std::vector<generation::Request> requests() const;
  std::size_t alive() const;                      // Generations not destroyed yet
  std::size_t unread(std::size_t request) const;  // events that nobody has taken yet

  base::Result<std::unique_ptr<generation::Generation>> submit(
      generation::Request request) override;
  base::Result<std::shared_ptr<generation::Embedder>> embedder() override;
  const generation::ModelFacts& facts() const override { return facts_; }
  const generation::Tokenizer& tokenizer() const override { return tokenizer_; }
  generation::EngineLoad load() const override;
  void drain() override;
  void stop() override;
  bool wait_idle(std::stop_token stop = {}) override;

  struct Stream;  // what a Generation and the engine share

 private:
  std::shared_ptr<Stream> stream(std::size_t request) const;
  base::Result<void> admit(const generation::Request& request);  // with mutex_ held
  std::vector<std::shared_ptr<Stream>> streams() const;
  void end_all();

  // constant after construction
  const generation::ModelFacts facts_;
  ByteTokenizer tokenizer_;
  std::shared_ptr<generation::Embedder> embedder_;  // null: it cannot embed

  // guarded by mutex_
  mutable std::mutex mutex_;
  std::deque<std::vector<generation::Event>> scripts_;
  std::optional<base::Error> refusal_;
  std::vector<generation::Request> requests_;
  std::vector<std::shared_ptr<Stream>> streams_;
  bool draining_ = false;
};

// Shorthands for scripts.
generation::Event text_event(std::string text);
generation::Event finished_event(generation::FinishReason reason = generation::FinishReason::Stop,
                                 generation::Usage usage = {});

}  // namespace shimmy::support
