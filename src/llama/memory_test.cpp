#include "llama/memory.h"

#include <gtest/gtest.h>

#include "llama/context.h"
#include "llama/shared_model_fixture.h"

namespace shimmy::llama {
namespace {

using support::TinyArchitecture;

std::unique_ptr<Context> context_of(TinyArchitecture architecture, bool unified = true,
                                    bool full_window = true) {
  ContextOptions options;
  options.context_tokens = 512;
  options.max_sequences = 4;
  options.batch_tokens = 128;
  options.micro_batch_tokens = 32;
  options.unified = unified;
  options.full_window = full_window;
  return make_context(options, architecture);
}

void fill(Context& context, SequenceId sequence, std::size_t tokens) {
  ASSERT_EQ(context.decode(prompt_batch(some_tokens(tokens), sequence)), DecodeStatus::Done);
}

TEST(MemoryLimits, FollowTheKindOfModel) {
  ModelFacts facts;
  const MemoryLimits attention = memory_limits(facts, 4, true, true);
  EXPECT_EQ(attention.kind, MemoryKind::Attention);
  EXPECT_TRUE(attention.partial_remove && attention.range_copy && attention.shift);
  EXPECT_EQ(attention.sequence_ids, kMaxSequences);

  facts.window_tokens = 32;
  const MemoryLimits window = memory_limits(facts, 4, true, false);
  EXPECT_EQ(window.kind, MemoryKind::SlidingWindow);
  EXPECT_EQ(window.window_tokens, 32);
  EXPECT_FALSE(window.full_window);
  EXPECT_TRUE(window.partial_remove);

  facts.is_recurrent = true;
  facts.window_tokens = 0;
  const MemoryLimits recurrent = memory_limits(facts, 4, true, true);
  EXPECT_EQ(recurrent.kind, MemoryKind::Recurrent);
  EXPECT_FALSE(recurrent.partial_remove || recurrent.range_copy || recurrent.shift);
  EXPECT_EQ(recurrent.sequence_ids, 4);

  facts.is_hybrid = true;
  EXPECT_EQ(memory_limits(facts, 4, true, true).kind, MemoryKind::Hybrid);
}

TEST(MemoryLimits, CannotCopyRangesBetweenSeparateCaches) {
  const MemoryLimits limits = memory_limits({}, 4, /*unified=*/false, true);
  EXPECT_FALSE(limits.range_copy);
  EXPECT_TRUE(limits.partial_remove);
  EXPECT_EQ(limits.sequence_ids, 4);
}

TEST(MemoryLimits, CannotSplitCompressedCells) {
  ModelFacts facts;
  facts.architecture = "deepseek4";
  const MemoryLimits limits = memory_limits(facts, 4, true, true);
  EXPECT_FALSE(limits.partial_remove || limits.range_copy || limits.shift);
}

TEST(Memory, TellsFirstAndLastPosition) {
  const auto context = context_of(TinyArchitecture::Llama);
  EXPECT_EQ(context->memory().first_position(0), -1);
  fill(*context, 0, 10);
  EXPECT_EQ(context->memory().first_position(0), 0);
  EXPECT_EQ(context->memory().last_position(0), 9);
}

TEST(Memory, ForgetsTheEndOfASequence) {
  const auto context = context_of(TinyArchitecture::Llama);
  fill(*context, 0, 10);
  EXPECT_TRUE(context->memory().remove(0, 6));
  EXPECT_EQ(context->memory().last_position(0), 5);
  EXPECT_TRUE(context->memory().remove(0, 6));  // nothing there any more
  EXPECT_TRUE(context->memory().remove(0));
  EXPECT_EQ(context->memory().last_position(0), -1);
}

TEST(Memory, ForgetsAMiddleRange) {
  const auto context = context_of(TinyArchitecture::Llama);
  fill(*context, 0, 10);
  EXPECT_TRUE(context->memory().remove(0, 2, 4));
  EXPECT_EQ(context->memory().last_position(0), 9);
}

TEST(Memory, SharesAPrefixBitwise) {
  const auto context = context_of(TinyArchitecture::Llama);
  const std::vector<Token> prefix = some_tokens(64);
  const std::vector<Token> rest = some_tokens(20, 7);
  ASSERT_EQ(context->decode(prompt_batch(prefix, 0)), DecodeStatus::Done);
  ASSERT_EQ(context->decode(prompt_batch(rest, 0, 64)), DecodeStatus::Done);
  const std::vector<float> expected = copied(context->logits(19));

  ASSERT_TRUE(context->memory().copy(0, 1, 64));
  EXPECT_TRUE(context->memory().is_complete(1, 64));
  EXPECT_EQ(context->memory().last_position(0), 83);
  ASSERT_TRUE(context->memory().remove(0));
  EXPECT_EQ(context->memory().last_position(1), 63);
  ASSERT_EQ(context->decode(prompt_batch(rest, 1, 64)), DecodeStatus::Done);
  EXPECT_EQ(copied(context->logits(19)), expected);
}

TEST(Memory, RetainsPrefixesUnderIdsThatCannotBeSaved) {
  const auto context = context_of(TinyArchitecture::Llama);
  fill(*context, 0, 20);
  EXPECT_TRUE(context->memory().copy(0, kMaxSequences - 1, 10));
  EXPECT_EQ(context->memory().last_position(kMaxSequences - 1), 9);
}

TEST(Memory, CopiesOnlyIntoAnEmptySequence) {
  const auto context = context_of(TinyArchitecture::Llama);
  fill(*context, 0, 10);
  fill(*context, 1, 10);
  EXPECT_FALSE(context->memory().copy(0, 1));
  EXPECT_FALSE(context->memory().copy(0, 0));
}

TEST(Memory, KeepsOneSequenceAlone) {
  const auto context = context_of(TinyArchitecture::Llama);
  for (SequenceId sequence = 0; sequence < 3; ++sequence) fill(*context, sequence, 5);
  context->memory().keep(1);
  EXPECT_EQ(context->memory().last_position(0), -1);
  EXPECT_EQ(context->memory().last_position(1), 4);
  EXPECT_EQ(context->memory().last_position(2), -1);
  context->memory().clear();
  EXPECT_EQ(context->memory().last_position(1), -1);
}

TEST(Memory, ShiftsPositionsAndDecodesOn) {
  const auto context = context_of(TinyArchitecture::Llama);
  fill(*context, 0, 10);
  ASSERT_TRUE(context->memory().remove(0, 0, 4));
  EXPECT_FALSE(context->memory().shift(0, 4, -1, -5));
  ASSERT_TRUE(context->memory().shift(0, 4, -1, -4));
  EXPECT_EQ(context->memory().first_position(0), 0);
  EXPECT_EQ(context->memory().last_position(0), 5);
  EXPECT_EQ(context->decode(prompt_batch({1}, 0, 6)), DecodeStatus::Done);
}

TEST(Memory, AnswersSequencesOutOfRange) {
  const auto context = context_of(TinyArchitecture::Llama);
  fill(*context, 0, 10);
  for (const SequenceId sequence : {-1, kMaxSequences, 1'000'000}) {
    EXPECT_FALSE(context->memory().remove(sequence));
    EXPECT_FALSE(context->memory().copy(0, sequence));
    EXPECT_FALSE(context->memory().copy(sequence, 1));
    EXPECT_FALSE(context->memory().shift(sequence, 0, -1, 1));
    EXPECT_FALSE(context->memory().is_complete(sequence, 0));
    EXPECT_EQ(context->memory().first_position(sequence), -1);
    EXPECT_EQ(context->memory().last_position(sequence), -1);
    context->memory().keep(sequence);
  }
  EXPECT_EQ(context->memory().last_position(0), 9);
}

TEST(Memory, CopiesWholeSequencesBetweenSeparateCaches) {
  const auto context = context_of(TinyArchitecture::Llama, /*unified=*/false);
  fill(*context, 0, 10);
  EXPECT_FALSE(context->memory().copy(0, 1, 5));
  EXPECT_TRUE(context->memory().copy(0, 1));
  EXPECT_EQ(context->memory().last_position(1), 9);
  EXPECT_FALSE(context->memory().copy(0, 4));
  EXPECT_EQ(context->decode(prompt_batch({1}, 1, 10)), DecodeStatus::Done);
}

TEST(Memory, OfAStateForgetsAllOrNothing) {
  const auto context = context_of(TinyArchitecture::Mamba);
  EXPECT_EQ(context->memory().limits().kind, MemoryKind::Recurrent);
  fill(*context, 0, 10);
  EXPECT_FALSE(context->memory().remove(0, 5));
  EXPECT_EQ(context->memory().last_position(0), 9);
  EXPECT_TRUE(context->memory().remove(0));
  EXPECT_EQ(context->memory().last_position(0), -1);
  fill(*context, 0, 3);
}

TEST(Memory, OfAStateForksWhereItStands) {
  const auto context = context_of(TinyArchitecture::Mamba);
  fill(*context, 0, 10);
  EXPECT_FALSE(context->memory().copy(0, 1, 5));
  EXPECT_FALSE(context->memory().shift(0, 0, -1, 1));
  ASSERT_TRUE(context->memory().copy(0, 1, 10));
  EXPECT_TRUE(context->memory().is_complete(1, 10));
  ASSERT_EQ(context->decode(prompt_batch({5}, 0, 10)), DecodeStatus::Done);
  const std::vector<float> expected = copied(context->logits(0));
  ASSERT_EQ(context->decode(prompt_batch({5}, 1, 10)), DecodeStatus::Done);
  EXPECT_EQ(copied(context->logits(0)), expected);
}

TEST(Memory, OfAStateHasNoIdsToSpare) {
  const auto context = context_of(TinyArchitecture::Mamba);
  fill(*context, 0, 10);
  EXPECT_FALSE(context->memory().copy(0, 4));
  EXPECT_EQ(context->decode(prompt_batch({1}, 4)), DecodeStatus::InvalidBatch);
}

TEST(Memory, OfAWindowSaysWhenALateCopyLacksCells) {
  const auto context = context_of(TinyArchitecture::Gemma2, true, /*full_window=*/false);
  EXPECT_EQ(context->memory().limits().kind, MemoryKind::SlidingWindow);
  // Far more than the window layers have cells for.
  for (Position position = 0; position < 480; position += 96) {
    ASSERT_EQ(context->decode(prompt_batch(some_tokens(96), 0, position)), DecodeStatus::Done);
  }
  EXPECT_TRUE(context->memory().is_complete(0, 480));
  ASSERT_TRUE(context->memory().copy(0, 1, 64));
  EXPECT_FALSE(context->memory().is_complete(1, 64));
}

TEST(Memory, OfAWindowIsCompleteWhenCopiedAtTheFork) {
  const auto context = context_of(TinyArchitecture::Gemma2, true, /*full_window=*/false);
  fill(*context, 0, 64);
  ASSERT_TRUE(context->memory().copy(0, 1));
  EXPECT_TRUE(context->memory().is_complete(1, 64));
  EXPECT_FALSE(context->memory().is_complete(1, 63));
  EXPECT_FALSE(context->memory().is_complete(1, 65));
}

TEST(Memory, OfAnEmptySequenceIsCompleteAtItsStart) {
  const auto context = context_of(TinyArchitecture::Llama);
  EXPECT_TRUE(context->memory().is_complete(0, 0));
  EXPECT_FALSE(context->memory().is_complete(0, 1));
}

}  // namespace
}  // namespace shimmy::llama
