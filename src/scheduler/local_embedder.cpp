#include "scheduler/local_embedder.h"

#include <pthread.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

#include "scheduler/vector_outbox.h"

namespace shimmy::scheduler {

using base::Error;
using base::ErrorCode;
using base::fail;
using base::Result;
using generation::Token;
using generation::Vector;

struct LocalEmbedder::Job {
  Job(std::vector<std::vector<Token>> tokens, std::shared_ptr<VectorOutbox> box)
      : inputs(std::move(tokens)), outbox(std::move(box)) {}

  const std::vector<std::vector<Token>> inputs;
  const std::shared_ptr<VectorOutbox> outbox;
  // embedder's thread only, with its lock: inputs that were put into a batch, and answered
  std::size_t begun = 0;
  std::size_t done = 0;
  bool has_failed = false;
};

struct LocalEmbedder::Item {
  std::shared_ptr<Job> job;
  std::size_t input = 0;

  const std::vector<Token>& tokens() const { return job->inputs[input]; }
};

namespace {

class LocalEmbedding final : public generation::Embedding {
 public:
  explicit LocalEmbedding(std::shared_ptr<VectorOutbox> outbox) : outbox_(std::move(outbox)) {}
  ~LocalEmbedding() override { outbox_->cancel(); }
  LocalEmbedding(const LocalEmbedding&) = delete;
  LocalEmbedding& operator=(const LocalEmbedding&) = delete;

  std::optional<Result<Vector>> next(std::stop_token stop) override {
    return outbox_->next(std::move(stop));
  }
  std::optional<Result<Vector>> poll() override { return outbox_->poll(); }
  void on_vector(std::function<void()> wake) override { outbox_->on_vector(std::move(wake)); }

 private:
  const std::shared_ptr<VectorOutbox> outbox_;
};

Result<Vector> checked(Vector vector) {
  if (std::ranges::all_of(vector, [](float value) { return std::isfinite(value); })) return vector;
  return fail(ErrorCode::GenerationFailed,
              "The model computed a vector with a value that is no number for this input.");
}

}  // namespace

LocalEmbedder::LocalEmbedder(EmbedderParts parts)
    : parts_(std::move(parts)), thread_([this](const std::stop_token& stop) { run(stop); }) {}

LocalEmbedder::~LocalEmbedder() = default;

Result<void> LocalEmbedder::check(const std::vector<std::vector<Token>>& inputs) const {
  if (inputs.empty()) return base::fail_field("input", "There is nothing to embed.");
  for (const std::vector<Token>& input : inputs) {
    if (input.empty()) return base::fail_field("input", "An input has no tokens.");
    if (input.size() > parts_.facts.longest_input) {
      return fail(ErrorCode::ContextOverflow,
                  "An input has {} tokens, but this model takes {} at most: shorten it.",
                  input.size(), parts_.facts.longest_input);
    }
    const auto unknown = std::ranges::find_if(input, [&](Token token) {
      return token < 0 || static_cast<std::size_t>(token) >= parts_.vocabulary_size;
    });
    if (unknown != input.end()) {
      return base::fail_field("input",
                              "The token {} is not in the model's vocabulary of {} tokens.",
                              *unknown, parts_.vocabulary_size);
    }
  }
  return {};
}

Result<std::unique_ptr<generation::Embedding>> LocalEmbedder::submit(
    std::vector<std::vector<Token>> inputs) {
  if (auto ok = check(inputs); !ok) return std::unexpected(std::move(ok.error()));
  auto outbox = std::make_shared<VectorOutbox>(inputs.size());
  auto job = std::make_shared<Job>(std::move(inputs), outbox);
  {
    const std::lock_guard lock(mutex_);
    if (draining_) {
      return fail(ErrorCode::Unavailable, "The model is being stopped and takes no new requests.");
    }
    if (jobs_.size() >= parts_.max_queued) {
      return fail(ErrorCode::Overloaded,
                  "{} requests for embeddings wait for this model already: try again later.",
                  jobs_.size());
    }
    jobs_.push_back(std::move(job));
  }
  changed_.notify_all();
  return std::make_unique<LocalEmbedding>(std::move(outbox));
}

std::vector<std::vector<Token>> LocalEmbedder::encode_pairs(
    std::string_view query, std::span<const std::string> documents) const {
  std::vector<std::vector<Token>> pairs;
  if (!parts_.encode_pair) return pairs;
  pairs.reserve(documents.size());
  for (const std::string& document : documents) {
    pairs.push_back(parts_.encode_pair(query, document));
  }
  return pairs;
}

generation::EmbedderLoad LocalEmbedder::load() const {
  const std::lock_guard lock(mutex_);
  generation::EmbedderLoad load = load_;
  const generation::EngineMemory held = parts_.pooler->memory();
  load.context_bytes = held.kv_cache;
  load.compute_bytes = held.compute;
  for (const auto& job : jobs_) ++(job->begun == 0 ? load.queued : load.running);
  return load;
}

void LocalEmbedder::drain() {
  const std::lock_guard lock(mutex_);
  draining_ = true;
}

bool LocalEmbedder::wait_idle(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  return changed_.wait(lock, std::move(stop), [&] { return jobs_.empty(); });
}

void LocalEmbedder::run(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "embedder");
  while (!stop.stop_requested()) {
    const Batch batch = wait_for_batch(stop);
    if (!batch.empty()) compute(batch, stop);
  }
  end_all();
}

LocalEmbedder::Batch LocalEmbedder::wait_for_batch(const std::stop_token& stop) {
  Batch batch;
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [&] { return !jobs_.empty(); });
    std::erase_if(jobs_, [](const auto& job) { return job->outbox->is_cancelled(); });
    if (!stop.stop_requested()) batch = next_batch();
  }
  if (batch.empty()) changed_.notify_all();  // cancelling may have made it idle
  return batch;
}

// An input of each job in turn, so that one with many does not keep the others waiting.
LocalEmbedder::Batch LocalEmbedder::next_batch() {
  const Pooler::Limits& limits = parts_.pooler->limits();
  Batch batch;
  std::size_t tokens = 0;
  for (bool is_growing = !jobs_.empty(); is_growing;) {
    is_growing = false;
    for (const std::shared_ptr<Job>& job : jobs_) {
      if (job->begun == job->inputs.size() || batch.size() >= limits.batch_inputs) continue;
      const std::size_t size = job->inputs[job->begun].size();
      if (!batch.empty() && tokens + size > limits.batch_tokens) continue;
      batch.push_back({job, job->begun++});
      tokens += size;
      is_growing = true;
    }
  }
  if (!jobs_.empty()) std::ranges::rotate(jobs_, jobs_.begin() + 1);
  return batch;
}

void LocalEmbedder::compute(const Batch& batch, const std::stop_token& stop) {
  std::vector<Pooler::Input> inputs;
  inputs.reserve(batch.size());
  for (const Item& item : batch) inputs.emplace_back(item.tokens());
  const auto is_unwanted = [&] {
    return stop.stop_requested() || std::ranges::all_of(batch, [](const Item& item) {
             return item.job->outbox->is_cancelled();
           });
  };
  try {
    auto vectors = parts_.pooler->embed(inputs, is_unwanted);
    if (!vectors && stop.stop_requested()) return;  // end_all() says so
    deliver(batch, std::move(vectors));
  } catch (const std::exception& exception) {
    parts_.log.error("an embedding threw: {}", exception.what());
    deliver(batch, std::unexpected(
                       Error{ErrorCode::Internal, "The embedder failed.", exception.what(), {}}));
  }
}

void LocalEmbedder::deliver(const Batch& batch, Result<std::vector<Vector>> vectors) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    Result<Vector> vector = vectors ? checked(std::move((*vectors)[i]))
                                    : Result<Vector>(std::unexpected(vectors.error()));
    batch[i].job->has_failed |= !vector;
    batch[i].job->outbox->push(std::move(vector));
  }
  {
    const std::lock_guard lock(mutex_);
    ++load_.steps;
    for (const Item& item : batch) {
      load_.tokens += item.tokens().size();
      ++item.job->done;
    }
    std::erase_if(jobs_, [](const auto& job) {
      return job->has_failed || job->done == job->inputs.size() || job->outbox->is_cancelled();
    });
  }
  changed_.notify_all();
}

void LocalEmbedder::end_all() {
  std::deque<std::shared_ptr<Job>> ended;
  {
    const std::lock_guard lock(mutex_);
    draining_ = true;
    ended.swap(jobs_);
  }
  for (const auto& job : ended) {
    job->outbox->push(
        fail(ErrorCode::Unavailable, "The model was stopped before the request was finished."));
  }
  changed_.notify_all();
}

}  // namespace shimmy::scheduler
