// The attention kernels of every instruction set by themselves, in memory with guards at its ends.
#include "kernels/attention_kernels.h"

#include <ggml.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernels/cpu_level.h"
#include "kernels/guarded_memory_fixture.h"
#include "kernels/weights_fixture.h"

namespace shimmy::kernels {
namespace {

using Halves = std::vector<std::uint16_t>;

Halves random_mask(std::size_t keys, Random& random) {
  Halves mask(keys);
  for (auto& half : mask) half = random() % 3 == 0 ? std::uint16_t{0} : kMaskedHalf;
  return mask;
}

template <class T>
GuardedMemory guarded(const std::vector<T>& values, Guard guard) {
  return GuardedMemory(
      std::span(reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(T)),
      guard);
}

template <class T>
const T* as(const GuardedMemory& memory) {
  return reinterpret_cast<const T*>(memory.data());
}

class EveryAttention : public testing::TestWithParam<CpuLevel> {
 protected:
  const AttentionKernels& kernels() const { return attention_kernels(GetParam()); }
  Random random_{11};
};

TEST_P(EveryAttention, ReadsMasksOfAnyLengthAndNothingBeyond) {
  for (std::size_t keys = 1; keys < 200; ++keys) {
    for (const Guard guard : {Guard::Before, Guard::After}) {
      const Halves mask = random_mask(keys, random_);
      const GuardedMemory memory = guarded(mask, guard);
      std::vector<std::uint64_t> words((keys + 63) / 64, 0xdeadbeef);
      const Sight sight = kernels().read_mask(as<std::uint16_t>(memory), keys, words.data());
      std::uint32_t seen = 0;
      for (std::size_t key = 0; key < 64 * words.size(); ++key) {
        const bool is_seen = key < keys && mask[key] != kMaskedHalf;
        seen += is_seen ? 1U : 0U;
        ASSERT_EQ((words[key / 64] >> key % 64 & 1) != 0, is_seen) << keys << ' ' << key;
      }
      EXPECT_EQ(sight.seen, seen);
      EXPECT_FALSE(sight.has_weights);
    }
  }
}

TEST_P(EveryAttention, FindsASingleWeightInAMask) {
  for (std::size_t at = 0; at < 130; ++at) {
    Halves mask(130, kMaskedHalf);
    mask[at] = 0x8001;
    std::vector<std::uint64_t> words(3);
    const Sight sight = kernels().read_mask(mask.data(), mask.size(), words.data());
    EXPECT_EQ(sight.seen, 1U);
    EXPECT_TRUE(sight.has_weights) << at;
  }
}

TEST_P(EveryAttention, CountsTheKeysThatTwoQueriesSee) {
  for (std::size_t keys = 1; keys < 200; keys += 7) {
    const Halves one = random_mask(keys, random_);
    const Halves other = random_mask(keys, random_);
    std::vector<std::uint64_t> words((keys + 63) / 64);
    kernels().read_mask(one.data(), keys, words.data());
    std::size_t common = 0;
    for (std::size_t key = 0; key < keys; ++key)
      common += one[key] != kMaskedHalf && other[key] != kMaskedHalf ? 1U : 0U;
    const GuardedMemory memory = guarded(other, Guard::After);
    EXPECT_EQ(kernels().count_common(as<std::uint16_t>(memory), words.data(), keys), common);
    EXPECT_EQ(kernels().count_common(nullptr, words.data(), keys),
              kernels().count_common(one.data(), words.data(), keys));
  }
}

// One query head group against one KV head, everything between guards.
struct HeadCase {
  std::size_t size = 64;
  std::size_t keys = 70;
  std::size_t rows = 3;
};

class GuardedHead {
 public:
  GuardedHead(const HeadCase& of, Guard guard, Random& random)
      : of_(of),
        keys_(guarded(halves(of.keys * of.size, random), guard)),
        values_(guarded(halves(of.keys * of.size, random), guard)),
        queries_(guarded(random_floats(of.rows * of.size, random), guard)),
        mask_(random_mask(of.keys, random)),
        results_(of.rows * of.size * sizeof(float), guard) {
    mask_[0] = 0;
    sight_.resize((of.keys + 63) / 64);
    kScalarAttention.read_mask(mask_.data(), of.keys, sight_.data());
    for (std::uint32_t key = 0; key < of.keys; ++key) {
      if (mask_[key] != kMaskedHalf) visible_.push_back(key);
    }
    for (std::size_t row = 0; row < of.rows; ++row) {
      rows_.push_back({.query = as<float>(queries_) + row * of.size,
                       .result = reinterpret_cast<float*>(results_.data()) + row * of.size,
                       .sight = sight_.data(),
                       .mask = nullptr,
                       .mask_factor = 1,
                       .score_factor = kFactor,
                       .has_sink = false,
                       .sink = 0});
    }
  }

  AttentionHead head() const {
    return {keys_.data(), 2 * of_.size, of_.size, values_.data(), 2 * of_.size, of_.size, of_.keys};
  }

  Floats together(const AttentionKernels& kernels) {
    Floats scratch(tile_scratch(head(), of_.rows));
    kernels.attend_rows(head(), rows_.data(), of_.rows, scratch.data());
    return results();
  }
  Floats alone(const AttentionKernels& kernels) {
    Floats scratch(query_scratch(head(), 4));
    std::vector<std::uint32_t> visible = visible_;
    visible.resize(visible_.size() + kKeysOfBlock);
    kernels.attend_query(head(), rows_.data(), of_.rows, visible.data(), visible_.size(),
                         scratch.data());
    return results();
  }

  double exact(std::size_t row, std::size_t d) const {
    double sum = 0;
    double result = 0;
    for (const std::uint32_t key : visible_) {
      double score = 0;
      for (std::size_t i = 0; i < of_.size; ++i)
        score += static_cast<double>(as<float>(queries_)[row * of_.size + i]) *
                 value(keys_, key * of_.size + i);
      const double weight = std::exp2(score * static_cast<double>(kFactor));
      sum += weight;
      result += weight * value(values_, key * of_.size + d);
    }
    return result / sum;
  }

 private:
  static constexpr float kFactor = 0.125F;

  static Halves halves(std::size_t count, Random& random) {
    Halves halves;
    for (const float x : random_floats(count, random)) halves.push_back(ggml_fp32_to_fp16(x / 4));
    return halves;
  }
  static double value(const GuardedMemory& memory, std::size_t index) {
    return static_cast<double>(ggml_fp16_to_fp32(as<std::uint16_t>(memory)[index]));
  }
  Floats results() const {
    return {as<float>(results_), as<float>(results_) + of_.rows * of_.size};
  }

  HeadCase of_;
  GuardedMemory keys_;
  GuardedMemory values_;
  GuardedMemory queries_;
  Halves mask_;
  GuardedMemory results_;
  std::vector<std::uint64_t> sight_;
  std::vector<std::uint32_t> visible_;
  std::vector<AttentionRow> rows_;
};

TEST_P(EveryAttention, StaysWithinItsOperandsAndIsRight) {
  for (const HeadCase& of :
       {HeadCase{.size = 16, .keys = 1, .rows = 1}, HeadCase{.keys = 64},
        HeadCase{.size = 80, .keys = 65, .rows = 4}, HeadCase{.size = 128, .keys = 127, .rows = 2},
        HeadCase{.size = 48, .keys = 200, .rows = 3}}) {
    for (const Guard guard : {Guard::Before, Guard::After}) {
      GuardedHead head(of, guard, random_);
      const Floats alone = head.alone(kernels());
      const Floats together = head.together(kernels());
      const double rounding = GetParam() == CpuLevel::Avx512Bf16 ? 2e-2 : 1e-5;
      for (std::size_t row = 0; row < of.rows; ++row) {
        for (std::size_t d = 0; d < of.size; ++d) {
          const double exact = head.exact(row, d);
          const double size = std::max(1.0, std::abs(exact));
          ASSERT_NEAR(alone[row * of.size + d], exact, 1e-5 * size) << of.keys << ' ' << d;
          ASSERT_NEAR(together[row * of.size + d], exact, rounding * size) << of.keys << ' ' << d;
        }
      }
    }
  }
}

TEST_P(EveryAttention, IsTheSameTwice) {
  GuardedHead head({.keys = 150, .rows = 4}, Guard::After, random_);
  EXPECT_EQ(head.alone(kernels()), head.alone(kernels()));
  EXPECT_EQ(head.together(kernels()), head.together(kernels()));
}

INSTANTIATE_TEST_SUITE_P(EveryLevel, EveryAttention, testing::ValuesIn(supported_levels()),
                         [](const auto& of) {
                           std::string text(name(of.param));
                           std::ranges::replace(text, '-', '_');
                           return text;
                         });

}  // namespace
}  // namespace shimmy::kernels
