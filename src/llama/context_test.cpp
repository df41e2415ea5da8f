#include "llama/context.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "llama/shared_model_fixture.h"
#include "support/temp_dir.h"

namespace shimmy::llama {
namespace {

using base::ErrorCode;
using support::TinyArchitecture;

std::string field_at_fault(const ContextOptions& options) {
  const auto context = Context::create(shared_model(), nullptr, options);
  return context ? "none" : context.error().param;
}

ContextOptions options_with(auto change) {
  ContextOptions options;
  change(options);
  return options;
}

// Tokens of a sequence one by one, and the logits behind each.
std::vector<std::vector<float>> continued(Context& context, SequenceId sequence, Position from,
                                          std::span<const Token> tokens) {
  std::vector<std::vector<float>> logits;
  for (const Token token : tokens) {
    EXPECT_EQ(context.decode(prompt_batch({token}, sequence, from++)), DecodeStatus::Done);
    logits.push_back(copied(context.logits(0)));
  }
  return logits;
}

TEST(Context, TellsTheSizesItWasReallyGiven) {
  const auto context = make_context(options_with([](ContextOptions& options) {
    options.context_tokens = 300;
    options.batch_tokens = 4096;
    options.max_sequences = 3;
  }));
  EXPECT_EQ(context->size().context_tokens, 512);
  EXPECT_EQ(context->size().batch_tokens, 300);
  EXPECT_EQ(context->size().micro_batch_tokens, 300);
  EXPECT_EQ(context->size().max_sequences, 3);
  EXPECT_EQ(context->size().max_outputs, 3);
}

TEST(Context, TakesTheTrainedSizeWhenNoneIsGiven) {
  const auto context =
      make_context(options_with([](auto& options) { options.context_tokens = 0; }));
  EXPECT_EQ(context->size().context_tokens, 2048);
}

TEST(Context, RefusesSizesThatContradictEachOther) {
  const auto check = [](const char* field, auto change) {
    EXPECT_EQ(field_at_fault(options_with(change)), field);
  };
  check("max_sequences", [](ContextOptions& options) { options.max_sequences = 0; });
  check("max_sequences", [](ContextOptions& options) { options.max_sequences = 257; });
  check("context_tokens", [](ContextOptions& options) { options.context_tokens = -1; });
  check("context_tokens", [](ContextOptions& options) {
    options.context_tokens = 8;
    options.max_sequences = 9;
  });
  check("batch_tokens", [](ContextOptions& options) { options.batch_tokens = 0; });
  check("micro_batch_tokens", [](ContextOptions& options) { options.micro_batch_tokens = 0; });
  check("micro_batch_tokens", [](ContextOptions& options) { options.micro_batch_tokens = 513; });
  check("max_outputs", [](ContextOptions& options) { options.max_outputs = -1; });
  check("max_outputs", [](ContextOptions& options) { options.max_outputs = 513; });
  check("value_type", [](ContextOptions& options) {
    options.flash_attention = FlashAttention::Off;
    options.value_type = CacheType::Q80;
  });
}

TEST(Context, ExplainsACacheTypeThatTheModelDoesNotAllow) {
  // Heads of 16 are not a multiple of a block of 32.
  const auto refused = [](const char* field, auto change) {
    const auto context = Context::create(shared_model(), nullptr, options_with(change));
    ASSERT_FALSE(context.has_value());
    EXPECT_EQ(context.error().code, ErrorCode::InvalidRequest);
    EXPECT_EQ(context.error().param, field);
    EXPECT_NE(context.error().details.find("block size"), std::string::npos);
  };
  refused("key_type", [](auto& options) { options.key_type = CacheType::Q80; });
  refused("value_type", [](auto& options) { options.value_type = CacheType::Q50; });
}

TEST(Context, TellsWhatItTakesOfTheMemory) {
  const auto with_cells = [](std::int32_t cells) {
    return make_context(options_with([&](auto& options) { options.context_tokens = cells; }))
        ->memory_use();
  };
  const ContextMemory small = with_cells(512);
  const ContextMemory large = with_cells(2048);
  EXPECT_EQ(large.cache, 4 * small.cache);
  EXPECT_EQ(large.weights, small.weights);
  EXPECT_NEAR(static_cast<double>(small.weights),
              static_cast<double>(shared_model()->facts().size_bytes),
              0.05 * static_cast<double>(small.weights));
  EXPECT_GT(small.compute, 0U);
}

TEST(Context, CountsStatesAsCache) {
  const auto context = make_context(options_with([](auto& options) { options.max_sequences = 4; }),
                                    TinyArchitecture::Mamba);
  EXPECT_GT(context->memory_use().cache, 0U);
}

TEST(Context, RefusesAModelWithoutWeights) {
  shared_model();
  const support::TempDir directory;
  ModelOptions options;
  options.vocabulary_only = true;
  const auto model = Model::load(support::write_tiny_model(directory.path()), options);
  ASSERT_TRUE(model.has_value());
  EXPECT_FALSE(Context::create(*model, nullptr, {}).has_value());
}

class MostSequences : public testing::TestWithParam<TinyArchitecture> {};

TEST_P(MostSequences, DecodeOneRowEachInOneBatch) {
  const auto context = make_context(
      options_with([](auto& options) { options.max_sequences = kMaxSequences; }), GetParam());
  Batch batch(kMaxSequences);
  for (SequenceId sequence = 0; sequence < kMaxSequences; ++sequence) {
    batch.add(sequence % 200, 0, sequence, true);
  }
  ASSERT_EQ(context->decode(batch), DecodeStatus::Done);
  EXPECT_FALSE(context->logits(kMaxSequences - 1).empty());
}

INSTANTIATE_TEST_SUITE_P(Memories, MostSequences,
                         testing::Values(TinyArchitecture::Llama, TinyArchitecture::Gemma2,
                                         TinyArchitecture::Mamba));

TEST(Context, GivesLogitsOfTheRowsThatWantedThem) {
  const auto context = make_context({});
  EXPECT_TRUE(context->logits(0).empty());
  ASSERT_EQ(context->decode(prompt_batch({1, 2, 3})), DecodeStatus::Done);
  EXPECT_TRUE(context->logits(0).empty());
  EXPECT_EQ(context->logits(2).size(), shared_model()->vocabulary().size());
  EXPECT_TRUE(context->logits(3).empty());
  EXPECT_TRUE(context->logits(100'000).empty());
}

TEST(Context, DecodesTwoSequencesInOneBatch) {
  const auto context = make_context(options_with([](auto& options) { options.max_sequences = 2; }));
  Batch batch(4);
  batch.add(10, 0, 0, false);
  batch.add(11, 1, 0, true);
  batch.add(20, 0, 1, false);
  batch.add(21, 1, 1, true);
  ASSERT_EQ(context->decode(batch), DecodeStatus::Done);
  EXPECT_EQ(context->memory().last_position(0), 1);
  EXPECT_EQ(context->memory().last_position(1), 1);
  const std::vector<float> first = copied(context->logits(1));
  const std::vector<float> second = copied(context->logits(3));
  EXPECT_NE(first, second);

  const auto alone = make_context({});
  ASSERT_EQ(alone->decode(prompt_batch({20, 21})), DecodeStatus::Done);
  const std::span<const float> expected = alone->logits(1);
  for (std::size_t index = 0; index < second.size(); ++index) {
    EXPECT_NEAR(second[index], expected[index], 0.02);
  }
}

TEST(Context, RefusesBatchesThatBreakARule) {
  const auto context = make_context(options_with([](auto& options) {
    options.batch_tokens = options.micro_batch_tokens = 4;
    options.max_sequences = 2;
  }));
  const auto decode = [&](std::vector<std::array<std::int32_t, 3>> rows, bool all_outputs = false) {
    Batch batch(16);
    for (const auto& [token, position, sequence] : rows) {
      batch.add(token, position, sequence, all_outputs);
    }
    return context->decode(batch);
  };
  EXPECT_EQ(decode({}), DecodeStatus::InvalidBatch);
  EXPECT_EQ(decode({{1, 0, 0}, {1, 1, 0}, {1, 2, 0}, {1, 3, 0}, {1, 4, 0}}),
            DecodeStatus::InvalidBatch);  // too many rows
  EXPECT_EQ(decode({{1, 0, 0}, {1, 1, 0}, {1, 2, 0}}, true),
            DecodeStatus::InvalidBatch);  // outputs
  EXPECT_EQ(decode({{-1, 0, 0}}), DecodeStatus::InvalidBatch);
  EXPECT_EQ(decode({{1'000'000, 0, 0}}), DecodeStatus::InvalidBatch);
  EXPECT_EQ(decode({{1, -1, 0}}), DecodeStatus::InvalidBatch);
  EXPECT_EQ(decode({{1, 0, -1}}), DecodeStatus::InvalidBatch);
  EXPECT_EQ(decode({{1, 0, kMaxSequences}}), DecodeStatus::InvalidBatch);
  EXPECT_EQ(decode({{1, 0, 0}, {1, 2, 0}}), DecodeStatus::InvalidBatch);  // a gap
  EXPECT_EQ(decode({{1, 1, 0}, {1, 0, 0}}), DecodeStatus::InvalidBatch);  // backwards
  EXPECT_EQ(context->memory().last_position(0), -1);
  EXPECT_EQ(decode({{1, 0, 0}}), DecodeStatus::Done);
  EXPECT_EQ(decode({{1, 0, 0}}), DecodeStatus::InvalidBatch);  // position 0 is taken
  EXPECT_EQ(decode({{1, 1, 0}}), DecodeStatus::Done);
}

TEST(Context, LeavesTheCacheAsItWasWhenItIsFull) {
  const ContextOptions options = options_with([](auto& values) {
    values.context_tokens = 256;
    values.batch_tokens = values.micro_batch_tokens = 256;
    values.max_sequences = 2;
  });
  const auto context = make_context(options);
  const std::vector<Token> prompt = some_tokens(250);
  ASSERT_EQ(context->decode(prompt_batch(prompt)), DecodeStatus::Done);
  ASSERT_EQ(context->decode(prompt_batch(some_tokens(7, 2), 1)), DecodeStatus::CacheFull);
  EXPECT_EQ(context->memory().last_position(0), 249);
  EXPECT_EQ(context->memory().last_position(1), -1);
  EXPECT_TRUE(context->logits(6).empty());

  const auto untouched = make_context(options);
  ASSERT_EQ(untouched->decode(prompt_batch(prompt)), DecodeStatus::Done);
  const std::vector<Token> more = some_tokens(6, 3);
  EXPECT_EQ(continued(*context, 0, 250, more), continued(*untouched, 0, 250, more));
}

TEST(Context, FitsTheSameBatchAfterRoomIsMade) {
  const auto context = make_context(options_with([](auto& values) {
    values.context_tokens = 256;
    values.batch_tokens = values.micro_batch_tokens = 256;
    values.max_sequences = 2;
  }));
  ASSERT_EQ(context->decode(prompt_batch(some_tokens(200), 0)), DecodeStatus::Done);
  const Batch batch = prompt_batch(some_tokens(100), 1);
  ASSERT_EQ(context->decode(batch), DecodeStatus::CacheFull);
  ASSERT_TRUE(context->memory().remove(0));
  EXPECT_EQ(context->decode(batch), DecodeStatus::Done);
}

TEST(Context, AbortsWhenAsked) {
  const auto context = make_context({});
  int calls = 0;
  const DecodeStatus status = context->decode(prompt_batch(some_tokens(100)), [&] {
    ++calls;
    return true;
  });
  EXPECT_EQ(status, DecodeStatus::Aborted);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(context->memory().last_position(0), -1);
  EXPECT_TRUE(context->logits(99).empty());
}

TEST(Context, KeepsWholeMicroBatchesWhenAborted) {
  const auto context =
      make_context(options_with([](auto& options) { options.micro_batch_tokens = 16; }));
  int calls = 0;
  const Batch batch = prompt_batch(some_tokens(160));
  ASSERT_EQ(context->decode(batch, [&] { return ++calls > 150; }), DecodeStatus::Aborted);
  const Position last = context->memory().last_position(0);
  EXPECT_GT(last, 0);
  EXPECT_LT(last, 159);
  EXPECT_EQ((last + 1) % 16, 0);
  ASSERT_TRUE(context->memory().remove(0));
  EXPECT_EQ(context->decode(batch), DecodeStatus::Done);
}

TEST(Context, AsksNobodyAfterTheDecodeThatWasGivenACallback) {
  const auto context = make_context({});
  int calls = 0;
  ASSERT_EQ(context->decode(prompt_batch({1, 2}), [&] { return ++calls < 0; }), DecodeStatus::Done);
  const int calls_before = calls;
  EXPECT_GT(calls_before, 0);
  ASSERT_EQ(context->decode(prompt_batch({3}, 0, 2)), DecodeStatus::Done);
  EXPECT_EQ(calls, calls_before);
}

TEST(Context, TakesAThrowingCallbackForAnAbort) {
  const auto context = make_context({});
  EXPECT_EQ(context->decode(prompt_batch({1, 2}), []() -> bool { throw std::runtime_error("no"); }),
            DecodeStatus::Aborted);
}

class SavedSequence : public testing::TestWithParam<TinyArchitecture> {
 protected:
  std::unique_ptr<Context> context() const {
    return make_context(options_with([](auto& options) {
                          options.context_tokens = 512;
                          options.max_sequences = 2;
                        }),
                        GetParam());
  }
};

TEST_P(SavedSequence, GoesOnBitwiseTheSameInAnotherContext) {
  const auto first = context();
  ASSERT_EQ(first->decode(prompt_batch(some_tokens(100))), DecodeStatus::Done);
  const auto state = first->save_sequence(0);
  ASSERT_TRUE(state.has_value());
  const auto second = context();
  ASSERT_TRUE(second->restore_sequence(0, *state).has_value());
  EXPECT_EQ(second->memory().last_position(0), 99);
  const std::vector<Token> more = some_tokens(10, 9);
  EXPECT_EQ(continued(*first, 0, 100, more), continued(*second, 0, 100, more));
}

TEST_P(SavedSequence, GoesOnUnderAnotherId) {
  const auto context = this->context();
  ASSERT_EQ(context->decode(prompt_batch(some_tokens(64))), DecodeStatus::Done);
  const std::vector<std::uint8_t> state = context->save_sequence(0).value();
  const std::vector<Token> more = some_tokens(4, 9);
  const auto expected = continued(*context, 0, 64, more);
  ASSERT_TRUE(context->memory().remove(0));
  ASSERT_TRUE(context->restore_sequence(1, state).has_value());
  EXPECT_EQ(context->memory().last_position(0), -1);
  EXPECT_EQ(expected, continued(*context, 1, 64, more));
}

TEST_P(SavedSequence, ReplacesWhatTheTargetHeld) {
  const auto context = this->context();
  const std::vector<std::uint8_t> empty = context->save_sequence(0).value();
  ASSERT_EQ(context->decode(prompt_batch({1, 2, 3})), DecodeStatus::Done);
  ASSERT_TRUE(context->restore_sequence(0, empty).has_value());
  EXPECT_EQ(context->memory().last_position(0), -1);
}

INSTANTIATE_TEST_SUITE_P(Memories, SavedSequence,
                         testing::Values(TinyArchitecture::Llama, TinyArchitecture::Gemma2,
                                         TinyArchitecture::Mamba));

TEST(Context, RefusesBytesThatAreNoSavedSequence) {
  const auto context = make_context({});
  ASSERT_EQ(context->decode(prompt_batch({1, 2, 3})), DecodeStatus::Done);
  const std::vector<std::uint8_t> whole = context->save_sequence(0).value();
  for (const std::size_t length : {std::size_t{0}, std::size_t{1}, std::size_t{15}, std::size_t{16},
                                   whole.size() / 2, whole.size() - 1}) {
    const std::span<const std::uint8_t> part(whole.data(), length);
    const auto restored = context->restore_sequence(0, part);
    ASSERT_FALSE(restored.has_value()) << length;
    EXPECT_EQ(restored.error().code, ErrorCode::GenerationFailed);
    EXPECT_EQ(context->memory().last_position(0), -1);
  }
  std::vector<std::uint8_t> longer = whole;
  longer.push_back(0);
  EXPECT_FALSE(context->restore_sequence(0, longer).has_value());
  EXPECT_FALSE(context->restore_sequence(0, std::vector<std::uint8_t>(1000, 0xFF)).has_value());
  EXPECT_TRUE(context->restore_sequence(0, whole).has_value());
}

TEST(Context, RefusesAStateOfAnotherCacheType) {
  const auto wide =
      make_context(options_with([](auto& options) { options.key_type = CacheType::F32; }));
  ASSERT_EQ(wide->decode(prompt_batch({1, 2, 3})), DecodeStatus::Done);
  const std::vector<std::uint8_t> state = wide->save_sequence(0).value();
  const auto narrow = make_context({});
  EXPECT_FALSE(narrow->restore_sequence(0, state).has_value());
  EXPECT_EQ(narrow->memory().last_position(0), -1);
  EXPECT_EQ(narrow->decode(prompt_batch({1, 2, 3})), DecodeStatus::Done);
}

TEST(Context, RefusesAStateThatDoesNotFit) {
  const auto large = make_context({});
  ASSERT_EQ(large->decode(prompt_batch(some_tokens(400))), DecodeStatus::Done);
  const std::vector<std::uint8_t> state = large->save_sequence(0).value();
  const auto small =
      make_context(options_with([](auto& options) { options.context_tokens = 256; }));
  EXPECT_FALSE(small->restore_sequence(0, state).has_value());
  EXPECT_EQ(small->memory().last_position(0), -1);
}

TEST(Context, SavesOnlySequencesBelowItsMaximum) {
  const auto context = make_context({});
  EXPECT_FALSE(context->save_sequence(1).has_value());
  EXPECT_FALSE(context->save_sequence(-1).has_value());
  EXPECT_FALSE(context->restore_sequence(1, {}).has_value());
}

}  // namespace
}  // namespace shimmy::llama
