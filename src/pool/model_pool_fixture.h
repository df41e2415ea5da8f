// A pool over engines without a model.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "pool/model_pool.h"
#include "support/fake_clock.h"

namespace shimmy::pool {

using EngineResult = base::Result<std::shared_ptr<generation::Engine>>;

// Counts what the pool does with it.
class StubEngine final : public generation::Engine {
 public:
  explicit StubEngine(std::shared_ptr<generation::MemoryClaim> claim = nullptr)
      : memory(std::move(claim)) {}
  ~StubEngine() override {
    if (on_end) on_end();
  }
  StubEngine(const StubEngine&) = delete;
  StubEngine& operator=(const StubEngine&) = delete;

  base::Result<std::unique_ptr<generation::Generation>> submit(generation::Request) override {
    return base::fail(base::ErrorCode::Unavailable, "stub");
  }
  const generation::ModelFacts& facts() const override { return facts_; }
  const generation::Tokenizer& tokenizer() const override { throw std::logic_error("none"); }
  generation::EngineLoad load() const override {
    generation::EngineLoad load;
    load.running = running;
    return load;
  }
  void drain() override { ++drains; }
  void stop() override {
    ++stops;
    if (on_stop) on_stop();
  }
  bool wait_idle(std::stop_token) override { return idle; }

  const std::shared_ptr<generation::MemoryClaim> memory;
  std::atomic<int> drains = 0;
  std::atomic<int> stops = 0;
  std::atomic<bool> idle = true;
  std::atomic<std::size_t> running = 0;
  std::function<void()> on_stop;  // set before others use the object
  std::function<void()> on_end;

 private:
  generation::ModelFacts facts_;
};

inline models::ModelEntry entry(const std::string& name) {
  models::ModelEntry result;
  result.name = name;
  result.path = "/m/" + name + ".gguf";
  return result;
}

inline EngineResult load_error() { return base::fail(base::ErrorCode::ModelLoadFailed, "no room"); }

// Blocks until it is so, for five seconds at most.
inline bool comes_true(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

template <class T>
bool is_ready_soon(const std::future<T>& answer) {
  return answer.wait_for(std::chrono::seconds(5)) == std::future_status::ready;
}

class PoolFixture : public testing::Test {
 protected:
  // Models take what their forecast says, by name; those without one take 10 bytes.
  MemoryForecaster forecaster() {
    return [this](const models::ModelEntry& model, const models::LoadOptions& options) {
      MemoryForecast forecast;
      const auto known = sizes_.find(model.name);
      forecast.first.weights = known == sizes_.end() ? 10 : known->second;
      forecast.first_context = 1;
      forecast.is_limit_asked = options.context_tokens.has_value();
      forecast.context_limit = options.context_tokens.value_or(1);
      forecast.longest.weights = forecast.first.weights;
      forecast.longest.kv_cache = forecast.context_limit;
      forecast.largest_context = [weights = forecast.first.weights](std::uint64_t bytes) {
        return static_cast<std::size_t>(bytes - std::min(bytes, weights));
      };
      return base::Result<MemoryForecast>(forecast);
    };
  }

  std::unique_ptr<ModelPool> make_pool(EngineFactory factory) {
    return std::make_unique<ModelPool>(std::move(factory), clock_);
  }
  std::unique_ptr<ModelPool> make_pool(EngineFactory factory, MemoryBudget& budget) {
    return std::make_unique<ModelPool>(std::move(factory), clock_,
                                       PoolOptions{.budget = &budget, .forecast = forecaster()});
  }

  static StubEngine& stub(const std::shared_ptr<generation::Engine>& engine) {
    return static_cast<StubEngine&>(*engine);
  }

  support::FakeClock clock_;
  std::map<std::string, std::uint64_t> sizes_;
  std::atomic<int> loads_ = 0;
  EngineFactory counting_ = [this](const LoadRequest& request) -> EngineResult {
    ++loads_;
    return std::make_shared<StubEngine>(request.memory);
  };
  EngineFactory failing_ = [this](const LoadRequest&) {
    ++loads_;
    return load_error();
  };
};

}  // namespace shimmy::pool
