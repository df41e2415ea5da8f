// Everything at once, by chance.
#include <array>
#include <random>

#include "pool/model_pool_fixture.h"

namespace shimmy::pool {
namespace {

constexpr std::uint64_t kBudget = 100;
constexpr int kThreads = 8;
constexpr int kRounds = 400;
const std::array<std::string, 4> kNames{"a", "b", "c", "d"};

class PoolStressTest : public PoolFixture {
 protected:
  // What engines have in memory, at this moment and at most.
  void take(std::int64_t bytes) {
    const std::int64_t now = held_ += bytes;
    std::int64_t most = most_;
    while (now > most && !most_.compare_exchange_weak(most, now)) {
    }
  }

  EngineResult load(const LoadRequest& request) {
    const auto bytes = static_cast<std::int64_t>(request.memory->bytes());
    take(bytes);
    for (int i = 0; i < 20; ++i) {
      if (!request.progress(static_cast<float>(i) / 20)) {
        take(-bytes);
        return base::fail(base::ErrorCode::Cancelled, "aborted");
      }
      std::this_thread::yield();
    }
    auto engine = std::make_shared<StubEngine>(request.memory);
    engine->on_end = [this, claim = request.memory] {
      take(-static_cast<std::int64_t>(claim->bytes()));
    };
    return engine;
  }

  // A request: uses the engine for a while, sometimes with a context that grows.
  void use(ModelPool& pool, const models::ModelEntry& model, std::minstd_rand& random) {
    models::LoadOptions options;
    if (random() % 8 == 0)
      options.keep_alive = models::KeepAlive{std::chrono::seconds(random() % 2)};
    const auto engine = pool.acquire(model, options);
    ASSERT_TRUE(engine) << engine.error().message;
    StubEngine& used = stub(*engine);
    ++used.running;
    for (auto i = random() % 50; i > 0; --i) std::this_thread::yield();
    EXPECT_EQ(used.stops, 0);
    --used.running;
    ++served_;
  }

  static void leave_early(ModelPool& pool, const models::ModelEntry& model,
                          std::minstd_rand& random) {
    std::stop_source leaving;
    std::jthread hurry([&leaving, wait = random() % 100] {
      for (std::size_t i = 0; i < wait; ++i) std::this_thread::yield();
      leaving.request_stop();
    });
    const auto engine = pool.acquire(model, {}, leaving.get_token());
    EXPECT_TRUE(engine || engine.error().code == base::ErrorCode::Cancelled);
  }

  void act(ModelPool& pool, std::minstd_rand& random) {
    const models::ModelEntry model = entry(kNames[random() % kNames.size()]);
    switch (random() % 16) {
      case 0: pool.unload(model, UnloadKind::Drain); break;
      case 1: {
        const auto loaded = pool.load(model, {.parallel = 1 + random() % 2});
        EXPECT_TRUE(loaded) << loaded.error().message;
        break;
      }
      case 2: leave_early(pool, model, random); break;
      case 3:
        for (const ModelStatus& status : pool.statuses()) EXPECT_FALSE(status.name.empty());
        break;
      case 4:
        clock_.advance(std::chrono::seconds(1));
        pool.expire_now();
        break;
      default: use(pool, model, random);
    }
  }

  std::atomic<std::int64_t> held_ = 0;
  std::atomic<std::int64_t> most_ = 0;
  std::atomic<int> served_ = 0;
};

TEST_F(PoolStressTest, NoRequestFailsAndTheBudgetHolds) {
  sizes_ = {{"a", 30}, {"b", 40}, {"c", 60}, {"d", 90}};
  MemoryBudget budget(kBudget);
  auto pool = make_pool([this](const LoadRequest& request) { return load(request); }, budget);
  std::vector<std::future<void>> threads;
  for (unsigned i = 0; i < kThreads; ++i) {
    threads.push_back(std::async(std::launch::async, [&, i] {
      std::minstd_rand random(i + 1);
      for (int round = 0; round < kRounds; ++round) act(*pool, random);
    }));
  }
  for (auto& thread : threads) {
    ASSERT_EQ(thread.wait_for(std::chrono::minutes(2)), std::future_status::ready) << "deadlock";
    thread.get();
  }
  EXPECT_LE(most_, static_cast<std::int64_t>(kBudget));
  EXPECT_GT(served_, kThreads * kRounds / 2);
  pool.reset();
  EXPECT_EQ(held_, 0);
  EXPECT_EQ(budget.used_bytes(), 0U);
}

// Two busy models that want each other's memory, and requests that end meanwhile.
TEST_F(PoolStressTest, ModelsThatGrowAgainstEachOtherDoNotBlock) {
  sizes_ = {{"a", 20}, {"b", 20}, {"c", 20}, {"d", 20}};
  MemoryBudget budget(kBudget);
  auto pool = make_pool(counting_, budget);
  std::vector<std::future<void>> threads;
  for (unsigned i = 0; i < kThreads; ++i) {
    threads.push_back(std::async(std::launch::async, [&, i] {
      std::minstd_rand random(i + 100);
      for (int round = 0; round < kRounds; ++round) {
        const auto engine = pool->acquire(entry(kNames[random() % kNames.size()]));
        ASSERT_TRUE(engine) << engine.error().message;
        generation::MemoryClaim& claim = *stub(*engine).memory;
        EXPECT_LE(claim.limit(), kBudget);
        claim.resize(20 + random() % 70);
        EXPECT_LE(budget.used_bytes(), kBudget);
        claim.resize(20);
      }
    }));
  }
  for (auto& thread : threads) {
    ASSERT_EQ(thread.wait_for(std::chrono::minutes(2)), std::future_status::ready) << "deadlock";
    thread.get();
  }
}

}  // namespace
}  // namespace shimmy::pool
