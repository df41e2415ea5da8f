// An Embedder without a model: the test says what each request yields, and when.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "generation/embedder.h"

namespace shimmy::support {

// Any thread may call any member. Requests are numbered from 0 in the order of their submission.
class FakeEmbedder final : public generation::Embedder {
 public:
  explicit FakeEmbedder(generation::EmbedderFacts facts = {2, generation::Pooling::Mean, 16});

  // What the next request without a script yields at once. A request that finds no script yields
  // nothing until emit().
  void script(std::vector<generation::Vector> vectors);

  // The next submit fails so.
  void refuse(base::Error error);

  // Hands one more vector or an error to a request; wakes its reader on this thread. Dropped once
  // the request has had all, or is destroyed.
  void emit(std::size_t request, base::Result<generation::Vector> vector);

  std::vector<std::vector<std::vector<generation::Token>>> requests() const;
  std::size_t alive() const;  // Embeddings not destroyed yet

  base::Result<std::unique_ptr<generation::Embedding>> submit(
      std::vector<std::vector<generation::Token>> inputs) override;
  // The bytes of the query, 0, the bytes of the document.
  std::vector<std::vector<generation::Token>> encode_pairs(
      std::string_view query, std::span<const std::string> documents) const override;
  const generation::EmbedderFacts& facts() const override { return facts_; }
  generation::EmbedderLoad load() const override { return {.queued = 0, .running = alive()}; }
  void drain() override;
  bool wait_idle(std::stop_token stop = {}) override;  // counts as idle when nothing is alive

  struct Stream;  // what an Embedding and the embedder share

 private:
  std::shared_ptr<Stream> stream(std::size_t request) const;

  const generation::EmbedderFacts facts_;

  // guarded by mutex_
  mutable std::mutex mutex_;
  std::deque<std::vector<generation::Vector>> scripts_;
  std::optional<base::Error> refusal_;
  std::vector<std::vector<std::vector<generation::Token>>> requests_;
  std::vector<std::shared_ptr<Stream>> streams_;
  bool draining_ = false;
};

}  // namespace shimmy::support
