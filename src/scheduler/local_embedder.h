// An Embedder in this process: one thread that fills batches with the inputs of all requests.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string_view>
#include <thread>
#include <vector>

#include "base/log.h"
#include "generation/embedder.h"
#include "scheduler/pooler.h"

namespace shimmy::scheduler {

// What an embedder is made of. All of it lives as long as the embedder.
struct EmbedderParts {
  std::unique_ptr<Pooler> pooler;
  generation::EmbedderFacts facts;
  std::size_t vocabulary_size = 0;
  // Any thread calls it. Empty unless the model ranks.
  std::function<std::vector<generation::Token>(std::string_view query, std::string_view document)>
      encode_pair;
  std::size_t max_queued = 1024;  // requests that wait or run; more are refused as Overloaded
  base::Logger log;
};

class LocalEmbedder final : public generation::Embedder {
 public:
  explicit LocalEmbedder(EmbedderParts parts);
  ~LocalEmbedder() override;  // ends what runs with Unavailable, joins the thread

  base::Result<std::unique_ptr<generation::Embedding>> submit(
      std::vector<std::vector<generation::Token>> inputs) override;
  std::vector<std::vector<generation::Token>> encode_pairs(
      std::string_view query, std::span<const std::string> documents) const override;
  const generation::EmbedderFacts& facts() const override { return parts_.facts; }
  generation::EmbedderLoad load() const override;
  void drain() override;
  bool wait_idle(std::stop_token stop = {}) override;

 private:
  struct Job;
  struct Item;  // one input of a job
  using Batch = std::vector<Item>;

  base::Result<void> check(const std::vector<std::vector<generation::Token>>& inputs) const;
  void run(const std::stop_token& stop);
  Batch wait_for_batch(const std::stop_token& stop);
  Batch next_batch();  // with mutex_ held
  void compute(const Batch& batch, const std::stop_token& stop);
  void deliver(const Batch& batch, base::Result<std::vector<generation::Vector>> vectors);
  void end_all();

  const EmbedderParts parts_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  // guarded by mutex_
  std::deque<std::shared_ptr<Job>> jobs_;  // with vectors to come; the first is served first
  generation::EmbedderLoad load_;          // its counters
  bool draining_ = false;

  std::jthread thread_;  // last: it uses everything above
};

}  // namespace shimmy::scheduler
