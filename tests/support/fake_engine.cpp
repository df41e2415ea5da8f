#include "support/fake_engine.h"

#include <condition_variable>
#include <utility>

namespace shimmy::support {

using generation::Event;
using generation::Generation;

struct FakeEngine::Stream {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::deque<Event> events;    // guarded by mutex
  std::function<void()> wake;  // guarded by mutex
  bool armed = false;          // guarded by mutex; the reader found nothing
  bool ended = false;          // guarded by mutex; the final event is queued or taken
  bool destroyed = false;      // guarded by mutex

  void push(Event event) {
    std::function<void()> to_wake;
    {
      const std::lock_guard lock(mutex);
      if (ended || destroyed) return;
      ended = generation::is_final(event);
      events.push_back(std::move(event));
      if (std::exchange(armed, false)) to_wake = wake;
    }
    changed.notify_all();
    if (to_wake) to_wake();
  }

  std::optional<Event> take() {
    if (events.empty()) return std::nullopt;
    std::optional<Event> event(std::move(events.front()));
    events.pop_front();
    return event;
  }

  bool is_idle() {
    const std::lock_guard lock(mutex);
    return ended || destroyed;
  }
};

namespace {

class FakeGeneration final : public Generation {
 public:
  explicit FakeGeneration(std::shared_ptr<FakeEngine::Stream> stream)
      : stream_(std::move(stream)) {}

  ~FakeGeneration() override {
    {
      const std::lock_guard lock(stream_->mutex);
      stream_->destroyed = true;
      stream_->wake = nullptr;
    }
    stream_->changed.notify_all();
  }

  std::optional<Event> next(std::stop_token stop) override {
    std::unique_lock lock(stream_->mutex);
    stream_->changed.wait(lock, stop, [&] { return stream_->ended || !stream_->events.empty(); });
    return stream_->take();
  }

  std::optional<Event> poll() override {
    const std::lock_guard lock(stream_->mutex);
    stream_->armed = stream_->events.empty() && stream_->wake;
    return stream_->take();
  }

  void on_event(std::function<void()> wake) override {
    bool waiting = false;
    {
      const std::lock_guard lock(stream_->mutex);
      waiting = !stream_->events.empty();
      stream_->armed = !waiting;
      stream_->wake = wake;
    }
    if (waiting) wake();
  }

 private:
  std::shared_ptr<FakeEngine::Stream> stream_;
};

}  // namespace

generation::ModelFacts FakeEngine::default_facts() {
  generation::ModelFacts facts;
  facts.name = "Fake";
  facts.architecture = "llama";
  facts.context_tokens = 4096;
  facts.trained_context_tokens = 4096;
  facts.bos_text = "<s>";
  facts.eos_text = "</s>";
  facts.chat_template =
      "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}"
      "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
  return facts;
}

FakeEngine::FakeEngine(generation::ModelFacts facts) : facts_(std::move(facts)) {}

FakeEngine::~FakeEngine() { end_all(); }

void FakeEngine::end_all() {
  for (const auto& stream : streams())
    stream->push(base::Error{base::ErrorCode::Unavailable, "The engine was stopped.", {}, {}});
}

void FakeEngine::stop() {
  drain();
  end_all();
}

void FakeEngine::script(std::vector<Event> events) {
  const std::lock_guard lock(mutex_);
  scripts_.push_back(std::move(events));
}

void FakeEngine::refuse(base::Error error) {
  const std::lock_guard lock(mutex_);
  refusal_ = std::move(error);
}

void FakeEngine::embed_with(std::shared_ptr<generation::Embedder> embedder) {
  embedder_ = std::move(embedder);
}

base::Result<std::shared_ptr<generation::Embedder>> FakeEngine::embedder() {
  if (embedder_) return embedder_;
  return Engine::embedder();
}

void FakeEngine::emit(std::size_t request, Event event) { stream(request)->push(std::move(event)); }

std::vector<generation::Request> FakeEngine::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::size_t FakeEngine::alive() const {
  std::size_t count = 0;
  for (const auto& stream : streams()) {
    const std::lock_guard lock(stream->mutex);
    if (!stream->destroyed) ++count;
  }
  return count;
}

std::size_t FakeEngine::unread(std::size_t request) const {
  const auto wanted = stream(request);
  const std::lock_guard lock(wanted->mutex);
  return wanted->events.size();
}

base::Result<void> FakeEngine::admit(const generation::Request& request) {
  if (draining_) return base::fail(base::ErrorCode::Unavailable, "The model is being unloaded.");
  if (refusal_) return std::unexpected(*std::exchange(refusal_, std::nullopt));
  if (auto valid = generation::validate(request); !valid) return valid;
  if (request.prompt.size() >= facts_.context_tokens) {
    return base::fail(base::ErrorCode::ContextOverflow, "{} tokens do not fit {}.",
                      request.prompt.size(), facts_.context_tokens);
  }
  return {};
}

base::Result<std::unique_ptr<Generation>> FakeEngine::submit(generation::Request request) {
  auto stream = std::make_shared<Stream>();
  std::vector<Event> events;
  {
    const std::lock_guard lock(mutex_);
    if (auto admitted = admit(request); !admitted)
      return std::unexpected(std::move(admitted.error()));
    requests_.push_back(std::move(request));
    streams_.push_back(stream);
    if (!scripts_.empty()) {
      events = std::move(scripts_.front());
      scripts_.pop_front();
    }
  }
  for (Event& event : events) stream->push(std::move(event));
  return std::make_unique<FakeGeneration>(std::move(stream));
}

generation::EngineLoad FakeEngine::load() const {
  generation::EngineLoad load;
  for (const auto& stream : streams()) {
    if (!stream->is_idle()) ++load.running;
  }
  return load;
}

void FakeEngine::drain() {
  const std::lock_guard lock(mutex_);
  draining_ = true;
}

bool FakeEngine::wait_idle(std::stop_token stop) {
  for (const auto& stream : streams()) {
    std::unique_lock lock(stream->mutex);
    if (!stream->changed.wait(lock, stop, [&] { return stream->ended || stream->destroyed; }))
      return false;
  }
  return true;
}

std::shared_ptr<FakeEngine::Stream> FakeEngine::stream(std::size_t request) const {
  const std::lock_guard lock(mutex_);
  return streams_.at(request);
}

std::vector<std::shared_ptr<FakeEngine::Stream>> FakeEngine::streams() const {
  const std::lock_guard lock(mutex_);
  return streams_;
}

Event text_event(std::string text) { return generation::TextEvent{std::move(text), {}}; }

Event finished_event(generation::FinishReason reason, generation::Usage usage) {
  return generation::FinishedEvent{reason, {}, usage, {}};
}

}  // namespace shimmy::support
