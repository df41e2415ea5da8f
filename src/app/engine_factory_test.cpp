#include "app/engine_factory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "support/temp_dir.h"
#include "support/tiny_model.h"

namespace shimmy::app {
namespace {

using base::ErrorCode;
using generation::CacheType;
using testing::HasSubstr;

// A budget of so much, of which nothing else is taken.
class Budget final : public generation::MemoryClaim {
 public:
  explicit Budget(std::uint64_t room) : room_(room) {}
  bool resize(std::uint64_t bytes) override {
    if (bytes > room_) return false;
    held_ = bytes;
    return true;
  }
  std::uint64_t bytes() const override { return held_; }
  std::uint64_t limit() const override { return room_; }

 private:
  const std::uint64_t room_;
  std::uint64_t held_ = 0;
};

class EngineFactoryTest : public testing::Test {
 protected:
  base::Result<std::shared_ptr<generation::Engine>> load(models::LoadOptions options = {}) {
    pool::LoadRequest request;
    request.entry.path = file_;
    request.entry.name = "tiny";
    request.options = options;
    request.memory = memory;
    return engine_factory(backend(), model_options, base::Logger())(request);
  }

  // One for the program: libllama is started once.
  static std::shared_ptr<LazyBackend> backend() {
    static const auto one = std::make_shared<LazyBackend>(base::Logger());
    return one;
  }

  ModelOptions model_options{.threads = 1, .mmap = false};
  std::shared_ptr<Budget> memory;

 private:
  const support::TempDir directory_;
  const std::filesystem::path file_ =
      support::write_tiny_model(directory_.path(), {.context_tokens = 8192});
};

TEST_F(EngineFactoryTest, OffersTheTrainedContextButBeginsSmall) {
  const auto engine = load().value();
  EXPECT_EQ(engine->facts().context_tokens, 8192U);
  EXPECT_EQ(engine->load().kv_cells, 1024U);
}

TEST_F(EngineFactoryTest, FollowsWhatIsSetForAll) {
  model_options.context_tokens = 1024;
  const auto engine = load().value();
  EXPECT_EQ(engine->facts().context_tokens, 1024U);
  EXPECT_EQ(engine->load().kv_cells, 1024U);
}

TEST_F(EngineFactoryTest, PrefersWhatTheRequestAsksFor) {
  model_options.context_tokens = 1024;
  const auto engine = load({.context_tokens = 4096, .parallel = 2}).value();
  EXPECT_EQ(engine->facts().context_tokens, 4096U);
}

TEST_F(EngineFactoryTest, StoresTheCacheAsAsked) {
  const auto usual = load().value()->load().memory;
  const auto wide = load({.key_type = CacheType::F32, .value_type = CacheType::F32}).value();
  EXPECT_EQ(wide->load().memory.kv_cache, 2 * usual.kv_cache);
}

TEST_F(EngineFactoryTest, SaysWhichCacheTypeAModelDoesNotAllow) {
  // The heads of the tiny model are smaller than a block.
  for (const auto& [name, options] :
       {std::pair{"key_type", models::LoadOptions{.key_type = CacheType::Q80}},
        std::pair{"value_type", models::LoadOptions{.value_type = CacheType::Q40}}}) {
    const auto engine = load(options);
    ASSERT_FALSE(engine);
    EXPECT_EQ(engine.error().code, ErrorCode::InvalidRequest);
    EXPECT_EQ(engine.error().param, name);
    EXPECT_THAT(engine.error().message, HasSubstr("f16"));
  }
}

TEST_F(EngineFactoryTest, RefusesCountsThatMakeNoSense) {
  EXPECT_EQ(load({.context_tokens = 0}).error().param, "context_tokens");
  EXPECT_EQ(load({.parallel = 0}).error().param, "parallel");
  EXPECT_EQ(load({.parallel = 100'000}).error().param, "max_sequences");
  EXPECT_EQ(load({.gpu_layers = -2}).error().param, "gpu_layers");
}

TEST_F(EngineFactoryTest, TellsWhereTheWeightsWent) {
  ASSERT_TRUE(load());
  const KernelUse use = backend()->kernel_use();
  EXPECT_EQ(use.kernels, expected_kernels(kernels::Choice::Auto)->kernels);
  if (use.kernels == "ggml") GTEST_SKIP() << "this CPU has no kernels of ours";
  const auto output = std::ranges::find(use.weights, "output.weight", &kernels::Placement::tensor);
  ASSERT_NE(output, use.weights.end());
  EXPECT_EQ(output->type, "f32");
  EXPECT_THAT(output->reason, HasSubstr("no kernel of ours"));
}

TEST_F(EngineFactoryTest, KernelsAreChosenOnceForTheProcess) {
  ASSERT_TRUE(load());
  if (backend()->kernel_use().kernels == "ggml") GTEST_SKIP() << "this CPU has no kernels of ours";
  model_options.kernels = kernels::Choice::Ggml;
  const auto refused = load();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("installed already"));
  model_options.kernels = kernels::Choice::Shimmy;
  EXPECT_TRUE(load());
}

TEST_F(EngineFactoryTest, ReportsWhatTheModelHolds) {
  memory = std::make_shared<Budget>(1'000'000'000);
  const auto engine = load().value();
  const generation::EngineMemory held = engine->load().memory;
  EXPECT_GT(held.weights, 100'000U);
  EXPECT_GT(held.kv_cache, 0U);
  EXPECT_GT(held.compute, 0U);
  EXPECT_EQ(memory->bytes(), held.total());
}

TEST_F(EngineFactoryTest, RefusesToExceedItsBudget) {
  memory = std::make_shared<Budget>(100'000);
  const auto engine = load();
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().code, ErrorCode::ModelLoadFailed);
  EXPECT_THAT(engine.error().message, HasSubstr("memory"));
}

TEST_F(EngineFactoryTest, LimitsTheContextToItsBudget) {
  const generation::EngineMemory usual = load().value()->load().memory;
  memory = std::make_shared<Budget>(usual.weights + 2 * (usual.kv_cache + usual.compute));
  const auto engine = load().value();
  const std::size_t limit = engine->facts().context_tokens;
  EXPECT_GT(limit, 1024U);
  EXPECT_LT(limit, 8192U);
  generation::Request request;
  request.prompt.assign(8100, 65);
  const auto refused = engine->submit(request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::ContextOverflow);
  EXPECT_THAT(refused.error().message,
              testing::AllOf(HasSubstr("8100"), HasSubstr(std::to_string(limit))));
}

}  // namespace
}  // namespace shimmy::app
