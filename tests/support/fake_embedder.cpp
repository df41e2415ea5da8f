#include "support/fake_embedder.h"

#include <condition_variable>
#include <utility>

namespace shimmy::support {

using generation::Embedding;
using generation::Token;
using generation::Vector;

struct FakeEmbedder::Stream {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::deque<base::Result<Vector>> vectors;  // guarded by mutex
  std::function<void()> wake;                // guarded by mutex
  std::size_t missing = 0;                   // guarded by mutex
  bool destroyed = false;                    // guarded by mutex

  void push(base::Result<Vector> vector) {
    std::function<void()> to_wake;
    {
      const std::lock_guard lock(mutex);
      if (missing == 0 || destroyed) return;
      missing = vector ? missing - 1 : 0;
      vectors.push_back(std::move(vector));
      to_wake = wake;
    }
    changed.notify_all();
    if (to_wake) to_wake();
  }

  std::optional<base::Result<Vector>> take() {
    if (vectors.empty()) return std::nullopt;
    std::optional<base::Result<Vector>> vector(std::move(vectors.front()));
    vectors.pop_front();
    return vector;
  }
};

namespace {

class FakeEmbedding final : public Embedding {
 public:
  explicit FakeEmbedding(std::shared_ptr<FakeEmbedder::Stream> stream)
      : stream_(std::move(stream)) {}

  ~FakeEmbedding() override {
    {
      const std::lock_guard lock(stream_->mutex);
      stream_->destroyed = true;
      stream_->wake = nullptr;
    }
    stream_->changed.notify_all();
  }

  std::optional<base::Result<Vector>> next(std::stop_token stop) override {
    std::unique_lock lock(stream_->mutex);
    stream_->changed.wait(lock, stop,
                          [&] { return stream_->missing == 0 || !stream_->vectors.empty(); });
    return stream_->take();
  }

  std::optional<base::Result<Vector>> poll() override {
    const std::lock_guard lock(stream_->mutex);
    return stream_->take();
  }

  void on_vector(std::function<void()> wake) override {
    bool is_waiting = false;
    {
      const std::lock_guard lock(stream_->mutex);
      is_waiting = !stream_->vectors.empty();
      stream_->wake = wake;
    }
    if (is_waiting) wake();
  }

 private:
  std::shared_ptr<FakeEmbedder::Stream> stream_;
};

}  // namespace

FakeEmbedder::FakeEmbedder(generation::EmbedderFacts facts) : facts_(facts) {}

void FakeEmbedder::script(std::vector<Vector> vectors) {
  const std::lock_guard lock(mutex_);
  scripts_.push_back(std::move(vectors));
}

void FakeEmbedder::refuse(base::Error error) {
  const std::lock_guard lock(mutex_);
  refusal_ = std::move(error);
}

std::shared_ptr<FakeEmbedder::Stream> FakeEmbedder::stream(std::size_t request) const {
  const std::lock_guard lock(mutex_);
  return streams_.at(request);
}

void FakeEmbedder::emit(std::size_t request, base::Result<Vector> vector) {
  stream(request)->push(std::move(vector));
}

std::vector<std::vector<std::vector<Token>>> FakeEmbedder::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::size_t FakeEmbedder::alive() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& stream : streams_) {
    const std::lock_guard stream_lock(stream->mutex);
    if (!stream->destroyed) ++count;
  }
  return count;
}

base::Result<std::unique_ptr<Embedding>> FakeEmbedder::submit(
    std::vector<std::vector<Token>> inputs) {
  auto stream = std::make_shared<Stream>();
  stream->missing = inputs.size();
  std::vector<Vector> vectors;
  {
    const std::lock_guard lock(mutex_);
    if (draining_) return base::fail(base::ErrorCode::Unavailable, "The model is being unloaded.");
    if (refusal_) return std::unexpected(*std::exchange(refusal_, std::nullopt));
    requests_.push_back(std::move(inputs));
    streams_.push_back(stream);
    if (!scripts_.empty()) {
      vectors = std::move(scripts_.front());
      scripts_.pop_front();
    }
  }
  for (Vector& vector : vectors) stream->push(std::move(vector));
  return std::make_unique<FakeEmbedding>(std::move(stream));
}

std::vector<std::vector<Token>> FakeEmbedder::encode_pairs(
    std::string_view query, std::span<const std::string> documents) const {
  std::vector<std::vector<Token>> pairs;
  for (const std::string& document : documents) {
    std::vector<Token>& pair = pairs.emplace_back();
    for (const char byte : query) pair.push_back(static_cast<unsigned char>(byte));
    pair.push_back(0);
    for (const char byte : document) pair.push_back(static_cast<unsigned char>(byte));
  }
  return pairs;
}

void FakeEmbedder::drain() {
  const std::lock_guard lock(mutex_);
  draining_ = true;
}

bool FakeEmbedder::wait_idle(std::stop_token stop) {
  std::vector<std::shared_ptr<Stream>> streams;
  {
    const std::lock_guard lock(mutex_);
    streams = streams_;
  }
  for (const auto& stream : streams) {
    std::unique_lock lock(stream->mutex);
    if (!stream->changed.wait(lock, stop,
                              [&] { return stream->missing == 0 || stream->destroyed; })) {
      return false;
    }
  }
  return true;
}

}  // namespace shimmy::support
