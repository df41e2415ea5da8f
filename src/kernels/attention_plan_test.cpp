#include "kernels/attention_plan.h"

#include <ggml.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "kernels/cpu_level.h"
#include "kernels/graph_fixture.h"

namespace shimmy::kernels {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

constexpr std::uint16_t kZeroHalf = 0;
constexpr std::uint16_t kMinusOneHalf = 0xbc00;

struct Batch {
  std::int64_t queries = 1;
  std::int64_t keys = 64;
  std::int64_t streams = 1;
  bool has_mask = true;
};
// What a query sees: a 16-bit float.
using Mask = std::function<std::uint16_t(std::size_t query, std::size_t key)>;

std::uint16_t shown(bool is_shown) { return is_shown ? kZeroHalf : kMaskedHalf; }

auto run_of(std::uint32_t first, std::uint32_t count) {
  return testing::AllOf(Field(&QueryRun::first, first), Field(&QueryRun::count, count));
}

// An attention op with a mask and the plan of it.
class PlannedAttention {
 public:
  PlannedAttention(const Batch& batch, const Mask& mask, CpuLevel level = supported_levels().back())
      : set_(ggml_backend_cpu_buffer_type()) {
    ggml_tensor* q = set_.add(GGML_TYPE_F32, {16, batch.queries, 2, batch.streams});
    ggml_tensor* k = set_.add(GGML_TYPE_F16, {16, batch.keys, 1, batch.streams});
    ggml_tensor* m = set_.add(GGML_TYPE_F16, {batch.keys, batch.queries, 1, batch.streams});
    op_ = ggml_flash_attn_ext(set_.context(), q, k, k, batch.has_mask ? m : nullptr, 1, 0, 0);
    set_.allocate();
    std::vector<std::uint16_t> halves;
    for (std::size_t query = 0; query < static_cast<std::size_t>(batch.queries * batch.streams);
         ++query) {
      for (std::size_t key = 0; key < static_cast<std::size_t>(batch.keys); ++key)
        halves.push_back(mask(query, key));
    }
    fill(m, halves.data());
    shape_.emplace(*op_);
    memory_.resize(AttentionPlan::bytes(*shape_) / sizeof(std::uint64_t) + 1);
    plan_.emplace(*shape_, attention_kernels(level),
                  reinterpret_cast<std::uint8_t*>(memory_.data()));
  }

  AttentionPlan& plan() { return *plan_; }

  std::vector<QueryRun> runs(std::size_t most = 64) {
    std::vector<QueryRun> list(plan_->queries());
    const auto runs = plan_->runs(most, list.data());
    return {runs.begin(), runs.end()};
  }
  std::vector<QueryRun> all_runs(std::size_t most = 64) {
    plan_->look(0, plan_->queries());
    return runs(most);
  }

 private:
  TensorSet set_;
  ggml_tensor* op_ = nullptr;
  std::optional<AttentionShape> shape_;
  std::vector<std::uint64_t> memory_;
  std::optional<AttentionPlan> plan_;
};

// Query q of a prompt sees the keys up to its own.
std::uint16_t causal(std::size_t query, std::size_t key) { return shown(key <= query); }

TEST(AttentionPlan, PutsTheQueriesOfAPromptTogether) {
  PlannedAttention attention({.queries = 100, .keys = 128}, causal);
  EXPECT_THAT(attention.all_runs(128), ElementsAre(run_of(0, 100)));
}

TEST(AttentionPlan, CutsRunsThatAreTooLong) {
  PlannedAttention attention({.queries = 100, .keys = 128}, causal);
  EXPECT_THAT(attention.all_runs(40), ElementsAre(run_of(0, 40), run_of(40, 40), run_of(80, 20)));
}

TEST(AttentionPlan, LeavesAShortRunAlone) {
  PlannedAttention attention({.queries = 3, .keys = 64}, causal);
  EXPECT_THAT(attention.all_runs(), ElementsAre(run_of(0, 1), run_of(1, 1), run_of(2, 1)));
}

TEST(AttentionPlan, LeavesTheStepsOfSixteenStreamsAlone) {
  // The cells of a unified cache lie as they were written: one of each stream in turn.
  PlannedAttention attention({.queries = 16, .keys = 640},
                             [](auto query, auto key) { return shown(key % 16 == query); });
  const std::vector<QueryRun> runs = attention.all_runs();
  EXPECT_EQ(runs.size(), 16U);
  EXPECT_THAT(runs, testing::Each(Field(&QueryRun::count, 1U)));
}

TEST(AttentionPlan, PutsStreamsThatShareMostOfTheirKeysTogether) {
  PlannedAttention attention({.queries = 16, .keys = 640}, [](auto query, auto key) {
    return shown(key < 400 || key % 16 == query);
  });
  EXPECT_THAT(attention.all_runs(), ElementsAre(run_of(0, 16)));
}

TEST(AttentionPlan, KeepsAPromptApartFromTheStepsOfOthers) {
  // Four streams take a step while a fifth reads twenty tokens.
  PlannedAttention attention({.queries = 24, .keys = 300}, [](auto query, auto key) {
    if (query < 4) return shown(key < 200 && key % 4 == query);
    return shown(key >= 200 && key - 200 <= query - 4);
  });
  EXPECT_THAT(attention.all_runs(),
              ElementsAre(run_of(0, 1), run_of(1, 1), run_of(2, 1), run_of(3, 1), run_of(4, 20)));
}

TEST(AttentionPlan, KeepsTheStreamsOfAnOpApart) {
  PlannedAttention attention({.queries = 10, .keys = 64, .streams = 3},
                             [](auto query, auto key) { return causal(query % 10, key); });
  const std::vector<QueryRun> runs = attention.all_runs();
  ASSERT_EQ(runs.size(), 3U);
  for (std::uint32_t stream = 0; stream < 3; ++stream) {
    EXPECT_EQ(runs.at(stream).stream, stream);
    EXPECT_THAT(runs.at(stream), run_of(0, 10));
  }
}

TEST(AttentionPlan, WithoutAMaskEveryQuerySeesEveryKey) {
  PlannedAttention attention({.queries = 9, .keys = 70, .has_mask = false}, causal);
  EXPECT_THAT(attention.all_runs(), ElementsAre(run_of(0, 9)));
  const std::uint64_t* sight = attention.plan().sight(4, 0);
  EXPECT_EQ(sight[0], ~std::uint64_t{0});
  EXPECT_EQ(sight[1], 0x3fU);
  EXPECT_FALSE(attention.plan().has_weights(4, 0));
}

TEST(AttentionPlan, KnowsWhichKeysAQuerySees) {
  for (const CpuLevel level : supported_levels()) {
    PlannedAttention attention(
        {.queries = 2, .keys = 131, .streams = 2},
        [](auto query, auto key) { return shown((key * 7 + query) % 5 == 0); }, level);
    attention.all_runs();
    for (std::size_t query = 0; query < 4; ++query) {
      const std::uint64_t* sight = attention.plan().sight(query % 2, query / 2);
      for (std::size_t key = 0; key < 192; ++key) {
        const bool expected = key < 131 && (key * 7 + query) % 5 == 0;
        ASSERT_EQ((sight[key / 64] >> key % 64 & 1) != 0, expected) << name(level) << ' ' << key;
      }
    }
  }
}

TEST(AttentionPlan, TellsMasksWithWeightsFromThoseOfZeros) {
  PlannedAttention attention({.queries = 3, .keys = 80}, [](auto query, auto key) {
    if (query == 0) return shown(key < 70);
    if (query == 1) return key == 79 ? kMinusOneHalf : kZeroHalf;
    return key == 5 ? kMinusOneHalf : kMaskedHalf;
  });
  attention.all_runs();
  EXPECT_FALSE(attention.plan().has_weights(0, 0));
  EXPECT_TRUE(attention.plan().has_weights(1, 0));
  EXPECT_TRUE(attention.plan().has_weights(2, 0));
}

TEST(AttentionPlan, AQueryThatSeesNothingStandsAlone) {
  PlannedAttention attention({.queries = 1, .keys = 64}, [](auto, auto) { return kMaskedHalf; });
  EXPECT_THAT(attention.all_runs(), ElementsAre(run_of(0, 1)));
  EXPECT_EQ(attention.plan().sight(0, 0)[0], 0U);
}

TEST(AttentionPlan, IsTheSameWhoeverLooksAtWhichQueries) {
  const auto mask = [](auto query, auto key) { return shown(key / 20 == query / 12); };
  PlannedAttention whole({.queries = 40, .keys = 100}, mask);
  PlannedAttention shared({.queries = 40, .keys = 100}, mask);
  const std::vector<QueryRun> expected = whole.all_runs();
  shared.plan().look(25, 40);
  shared.plan().look(13, 25);
  shared.plan().look(0, 13);
  const std::vector<QueryRun> runs = shared.runs();
  ASSERT_EQ(runs.size(), expected.size());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    EXPECT_EQ(runs[i].first, expected[i].first);
    EXPECT_EQ(runs[i].count, expected[i].count);
  }
}

TEST(AttentionPlan, CoversEveryQueryOnce) {
  Random random(3);
  for (int round = 0; round < 20; ++round) {
    const auto queries = static_cast<std::int64_t>(1 + random() % 70);
    const std::size_t width = 1 + random() % 40;
    PlannedAttention attention({.queries = queries, .keys = 200}, [&](auto query, auto key) {
      return shown(key / width == query / 9 || random() % 16 == 0);
    });
    std::uint32_t next = 0;
    for (const QueryRun& run : attention.all_runs(1 + random() % 20)) {
      EXPECT_EQ(run.first, next);
      EXPECT_GT(run.count, 0U);
      next += run.count;
    }
    EXPECT_EQ(next, static_cast<std::uint32_t>(queries));
  }
}

TEST(ListBits, NamesTheSetBitsInOrder) {
  const std::vector<std::uint64_t> words = {0x8000000000000001, 0, 0x10};
  std::vector<std::uint32_t> indices(64);
  indices.resize(list_bits(words.data(), words.size(), indices.data()));
  EXPECT_THAT(indices, ElementsAre(0, 63, 132));
}

TEST(ListBits, OfNothingIsEmpty) {
  const std::vector<std::uint64_t> words(3);
  std::vector<std::uint32_t> indices(1);
  indices.resize(list_bits(words.data(), words.size(), indices.data()));
  EXPECT_THAT(indices, IsEmpty());
}

}  // namespace
}  // namespace shimmy::kernels
