// Growth on libllama: sequences keep what they had, and memory is asked first.
#include "scheduler/llama_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "llama/backend.h"
#include "scheduler/llama_engine.h"
#include "support/temp_dir.h"
#include "support/tiny_model.h"

namespace shimmy::scheduler {
namespace {

using support::TinyArchitecture;
using Logits = std::vector<std::vector<float>>;

// A claim with room for so much, which notes what it was asked for.
class LimitedClaim final : public generation::MemoryClaim {
 public:
  explicit LimitedClaim(std::uint64_t bytes_in_all = UINT64_MAX) : room(bytes_in_all) {}
  bool resize(std::uint64_t bytes) override {
    asked.push_back(bytes);
    if (bytes > held_ && bytes > room) return false;
    held_ = bytes;
    return true;
  }
  std::uint64_t bytes() const override { return held_; }
  std::uint64_t limit() const override { return std::max(room, held_); }

  std::uint64_t room;
  std::vector<std::uint64_t> asked;

 private:
  std::uint64_t held_ = 0;
};

std::shared_ptr<const llama::Model> model_of(TinyArchitecture architecture) {
  static const llama::Backend backend{base::Logger()};
  const support::TempDir directory;
  const auto file = support::write_tiny_model(
      directory.path(), {.architecture = architecture, .context_tokens = 8192});
  return llama::Model::load(file, {.access = llama::FileAccess::Read}).value();
}

struct Trial {
  explicit Trial(TinyArchitecture architecture = TinyArchitecture::Llama,
                 std::size_t first_cells = 256, LlamaEngineOptions options = {}) {
    options.first_context_tokens = first_cells;
    options.max_sequences = 4;
    options.max_rows = 64;
    options.threads = 1;
    options.memory = claim;
    decoder = make_llama_decoder(model_of(architecture), options).value();
  }

  static Token token_at(std::int32_t position, SequenceId sequence) {
    return (position * 31 + sequence * 7 + 11) % 300;
  }

  // `count` tokens of a sequence from its present end, one by one.
  Logits feed(SequenceId sequence, std::int32_t from, std::int32_t count) {
    Logits result;
    for (std::int32_t position = from; position < from + count; ++position) {
      const Row row{token_at(position, sequence), position, sequence, true};
      EXPECT_EQ(decoder->decode({&row, 1}, {}), DecodeStatus::Done) << position;
      const auto logits = decoder->logits(0);
      result.emplace_back(logits.begin(), logits.end());
    }
    return result;
  }

  // The same, 64 at a time and without a look at the logits.
  void prefill(SequenceId sequence, std::int32_t count) {
    for (std::int32_t from = 0; from < count; from += 64) {
      std::vector<Row> rows;
      for (std::int32_t position = from; position < std::min(from + 64, count); ++position) {
        rows.push_back({token_at(position, sequence), position, sequence, false});
      }
      rows.back().wants_logits = true;
      ASSERT_EQ(decoder->decode(rows, {}), DecodeStatus::Done);
    }
  }

  std::shared_ptr<LimitedClaim> claim = std::make_shared<LimitedClaim>();
  std::unique_ptr<Decoder> decoder;
};

// What a context of so many cells is forecast to take beside the weights.
std::uint64_t context_bytes(const Decoder& decoder, std::size_t cells) {
  const generation::EngineMemory memory =
      forecast({decoder.cells(), decoder.memory(), mask_bytes(decoder.limits().max_rows)}, cells);
  return memory.kv_cache + memory.compute;
}

class EveryMemory : public testing::TestWithParam<TinyArchitecture> {};

TEST_P(EveryMemory, GoesOnBitwiseAsInALargeContextAfterItGrew) {
  Trial small(GetParam(), 256);
  Trial large(GetParam(), 4096);
  small.prefill(0, 200);
  large.prefill(0, 200);
  if (small.decoder->cells() < 4096) {
    EXPECT_TRUE(small.decoder->grow(4096));
    EXPECT_EQ(small.decoder->cells(), 4096U);
  }
  EXPECT_EQ(small.feed(0, 200, 100), large.feed(0, 200, 100));
}

TEST_P(EveryMemory, KeepsEachSequenceUnderItsId) {
  Trial grown(GetParam(), 512);
  for (const SequenceId id : {0, 2, 3}) grown.prefill(id, 100 + 8 * id);
  grown.decoder->truncate(2, 0);  // a hole that the move closes
  if (grown.decoder->cells() < 2048) {
    ASSERT_TRUE(grown.decoder->grow(2048));
  }
  for (const SequenceId id : {0, 3}) {
    Trial alone(GetParam(), 2048);
    alone.prefill(id, 100 + 8 * id);
    const Logits expected = alone.feed(id, 100 + 8 * id, 20);
    const Logits got = grown.feed(id, 100 + 8 * id, 20);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_THAT(got[i], testing::Pointwise(testing::FloatNear(1e-3F), expected[i])) << id;
    }
  }
  grown.feed(2, 0, 1);  // the emptied one is usable
}

INSTANTIATE_TEST_SUITE_P(Llama, EveryMemory,
                         testing::Values(TinyArchitecture::Llama, TinyArchitecture::Gemma2,
                                         TinyArchitecture::Mamba),
                         [](const auto& tested) {
                           switch (tested.param) {
                             case TinyArchitecture::Gemma2: return "SlidingWindow";
                             case TinyArchitecture::Mamba: return "Recurrent";
                             default: return "Attention";
                           }
                         });

TEST(LlamaDecoder, BeginsSmallAndMayGrowToTheTrainedContext) {
  const Trial trial;
  EXPECT_EQ(trial.decoder->cells(), 256U);
  EXPECT_EQ(trial.decoder->limits().cells, 8192U);
  EXPECT_EQ(trial.decoder->attainable_cells(), 8192U);
}

TEST(LlamaDecoder, BeginsAtTheLimitWhereThatIsLess) {
  const Trial trial(TinyArchitecture::Llama, 2048, {.context_tokens = 300});
  EXPECT_EQ(trial.decoder->cells(), 512U);
  EXPECT_EQ(trial.decoder->limits().cells, 512U);
}

TEST(LlamaDecoder, GrowsInPowersOfTwoUpToTheLimit) {
  Trial trial(TinyArchitecture::Llama, 256, {.context_tokens = 3000});
  EXPECT_TRUE(trial.decoder->grow(257));
  EXPECT_EQ(trial.decoder->cells(), 512U);
  EXPECT_TRUE(trial.decoder->grow(1500));
  EXPECT_EQ(trial.decoder->cells(), 2048U);
  EXPECT_TRUE(trial.decoder->grow(2049));
  EXPECT_EQ(trial.decoder->cells(), 3072U);
}

TEST(LlamaDecoder, NeedsNoGrowthForStates) {
  const Trial trial(TinyArchitecture::Mamba, 256);
  EXPECT_EQ(trial.decoder->cells(), trial.decoder->limits().cells);
}

TEST(LlamaDecoder, RunsStatesFarBeyondTheFirstContext) {
  Trial trial(TinyArchitecture::Mamba, 256);
  trial.prefill(0, 1000);
  trial.feed(0, 1000, 3);
}

TEST(LlamaDecoder, ClaimsBothContextsWhileBothExist) {
  Trial trial;
  trial.prefill(0, 100);
  const std::uint64_t before = trial.decoder->memory().total();
  EXPECT_EQ(trial.claim->bytes(), before);
  ASSERT_TRUE(trial.decoder->grow(1024));
  const generation::EngineMemory after = trial.decoder->memory();
  EXPECT_EQ(trial.claim->bytes(), after.total());
  EXPECT_GE(*std::ranges::max_element(trial.claim->asked), before + after.kv_cache + after.compute);
}

TEST(LlamaDecoder, MeasuresItsMemory) {
  Trial trial;
  const generation::EngineMemory before = trial.decoder->memory();
  EXPECT_GT(before.weights, 100'000U);
  EXPECT_GT(before.compute, 0U);
  ASSERT_TRUE(trial.decoder->grow(1024));
  EXPECT_EQ(trial.decoder->memory().kv_cache, 4 * before.kv_cache);
  EXPECT_EQ(trial.decoder->memory().weights, before.weights);
}

TEST(LlamaDecoder, ForeseesWhatAContextTakes) {
  for (const TinyArchitecture kind : {TinyArchitecture::Llama, TinyArchitecture::Gemma2}) {
    Trial trial(kind);
    const auto foreseen = static_cast<double>(context_bytes(*trial.decoder, 8192));
    ASSERT_TRUE(trial.decoder->grow(8192));
    const generation::EngineMemory memory = trial.decoder->memory();
    const auto real = static_cast<double>(memory.kv_cache + memory.compute);
    EXPECT_GE(foreseen, real);
    EXPECT_LE(foreseen, 1.5 * real);
  }
}

TEST(LlamaDecoder, StaysAsItIsWhenMemoryIsRefused) {
  Trial trial;
  trial.prefill(0, 200);
  trial.claim->room = trial.claim->bytes();
  EXPECT_FALSE(trial.decoder->grow(4096));
  EXPECT_EQ(trial.decoder->cells(), 256U);
  Trial undisturbed;
  undisturbed.prefill(0, 200);
  EXPECT_EQ(trial.feed(0, 200, 50), undisturbed.feed(0, 200, 50));
}

TEST(LlamaDecoder, TakesWhatMemoryAllowsIfThatIsEnough) {
  Trial trial;
  trial.prefill(0, 100);
  trial.claim->room = trial.decoder->memory().total() + context_bytes(*trial.decoder, 1280);
  EXPECT_TRUE(trial.decoder->grow(1100));
  EXPECT_EQ(trial.decoder->cells(), 5 * 256U);
}

TEST(LlamaDecoder, LetsAnEmptyContextGoFirstWhereBothDoNotFit) {
  Trial trial;
  trial.claim->room = trial.decoder->memory().weights + context_bytes(*trial.decoder, 1024);
  EXPECT_EQ(trial.decoder->attainable_cells(), 1024U);
  EXPECT_TRUE(trial.decoder->grow(1000));
  EXPECT_EQ(trial.decoder->cells(), 1024U);
  EXPECT_LE(trial.claim->bytes(), trial.claim->room);
  trial.prefill(0, 1000);
}

TEST(LlamaDecoder, ShrinksToWhereItBegan) {
  Trial trial;
  const std::uint64_t before = trial.decoder->memory().total();
  ASSERT_TRUE(trial.decoder->grow(4096));
  trial.decoder->shrink();
  EXPECT_EQ(trial.decoder->cells(), 256U);
  EXPECT_EQ(trial.decoder->memory().total(), before);
  EXPECT_EQ(trial.claim->bytes(), before);
  trial.prefill(0, 200);
}

TEST(LlamaDecoder, StopsLoadingWhereMemoryIsShort) {
  LlamaEngineOptions options;
  options.threads = 1;
  options.memory = std::make_shared<LimitedClaim>(1000);
  const auto made = make_llama_decoder(model_of(TinyArchitecture::Llama), options);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, base::ErrorCode::ModelLoadFailed);
  EXPECT_THAT(made.error().message, testing::HasSubstr("memory budget"));
}

TEST(LlamaDecoder, HasALimitThatItsMemoryAllows) {
  const Trial probe(TinyArchitecture::Llama, 256);
  LlamaEngineOptions options;
  options.threads = 1;
  options.max_sequences = 4;
  options.max_rows = 64;
  options.first_context_tokens = 256;
  options.memory = std::make_shared<LimitedClaim>(probe.decoder->memory().weights +
                                                  context_bytes(*probe.decoder, 2048));
  const auto made = make_llama_decoder(model_of(TinyArchitecture::Llama), options).value();
  EXPECT_EQ(made->limits().cells, 2048U);
}

}  // namespace
}  // namespace shimmy::scheduler
