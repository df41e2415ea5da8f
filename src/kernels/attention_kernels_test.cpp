// The attention kernels of every instruction set by themselves, in memory with guards at its ends.
#include "kernels/attention_kernels.h"

#include <ggml.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
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

struct HeadCase;

class EveryAttention : public testing::TestWithParam<CpuLevel> {
 protected:
  const AttentionKernels& kernels() const { return attention_kernels(GetParam()); }
  void expect_right(const HeadCase& of);

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
  CacheType key_type = CacheType::F16;
  CacheType value_type = CacheType::F16;
  float cap = 0;
};

// Random keys or values as a cache holds them.
class GuardedCache {
 public:
  GuardedCache(CacheType type, const HeadCase& of, Guard guard, Random& random)
      : type_(type == CacheType::F16 ? GGML_TYPE_F16 : GGML_TYPE_Q8_0),
        stride_(ggml_row_size(type_, static_cast<std::int64_t>(of.size))),
        floats_(of.keys * of.size),
        memory_(of.keys * stride_, guard) {
    Floats exact = random_floats(of.keys * of.size, random);
    for (float& x : exact) x /= 4;
    ggml_quantize_chunk(type_, exact.data(), memory_.data(), 0, static_cast<std::int64_t>(of.keys),
                        static_cast<std::int64_t>(of.size), nullptr);
    ggml_get_type_traits(type_)->to_float(memory_.data(), floats_.data(),
                                          static_cast<std::int64_t>(floats_.size()));
  }

  const std::uint8_t* data() const { return memory_.data(); }
  std::size_t stride() const { return stride_; }
  double at(std::size_t index) const { return floats_[index]; }

 private:
  ggml_type type_;
  std::size_t stride_;
  Floats floats_;  // what the memory stands for
  GuardedMemory memory_;
};

class GuardedHead {
 public:
  GuardedHead(const HeadCase& of, Guard guard, Random& random)
      : of_(of),
        keys_(of.key_type, of, guard, random),
        values_(of.value_type, of, guard, random),
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
                       .cap = of.cap,
                       .has_sink = false,
                       .sink = 0});
    }
  }

  AttentionHead head() const {
    return {.keys = keys_.data(),
            .key_stride = keys_.stride(),
            .key_size = of_.size,
            .key_type = of_.key_type,
            .values = values_.data(),
            .value_stride = values_.stride(),
            .value_size = of_.size,
            .value_type = of_.value_type,
            .count = of_.keys};
  }

  Floats together(const AttentionKernels& kernels) {
    Floats scratch(tile_scratch(head(), of_.rows));
    kernels.attend_rows(head(), rows_.data(), of_.rows, scratch.data());
    return results();
  }
  Floats alone(const AttentionKernels& kernels) {
    Floats scratch(query_scratch(head()));
    std::vector<std::uint32_t> visible = visible_;
    visible.resize(visible_.size() + kKeysOfBlock);
    const std::size_t step = keys_of_part(visible_.size());
    for (std::size_t row = 0; row < of_.rows; row += 4) {
      const std::size_t rows = std::min<std::size_t>(4, of_.rows - row);
      const std::size_t apart = rows * part_floats(head());
      Floats parts(kMostParts * apart);
      for (std::size_t i = 0; i < count_parts(visible_.size()); ++i) {
        kernels.attend_keys(head(), rows_.data() + row, rows, visible.data() + i * step,
                            std::min(step, visible_.size() - i * step), scratch.data(),
                            parts.data() + i * apart);
      }
      for (std::size_t i = 0; i < rows; ++i) {
        kernels.join_parts(rows_[row + i], of_.size, parts.data() + i * part_floats(head()), apart,
                           count_parts(visible_.size()));
      }
    }
    return results();
  }

  double exact(std::size_t row, std::size_t d) const {
    double sum = 0;
    double result = 0;
    for (const std::uint32_t key : visible_) {
      double score = 0;
      for (std::size_t i = 0; i < of_.size; ++i)
        score += static_cast<double>(as<float>(queries_)[row * of_.size + i]) *
                 keys_.at(key * of_.size + i);
      score *= static_cast<double>(kFactor);
      if (of_.cap != 0) score = of_.cap * std::tanh(score);
      const double weight = std::exp2(score);
      sum += weight;
      result += weight * values_.at(key * of_.size + d);
    }
    return result / sum;
  }

 private:
  static constexpr float kFactor = 0.125F;

  Floats results() const {
    return {as<float>(results_), as<float>(results_) + of_.rows * of_.size};
  }

  HeadCase of_;
  GuardedCache keys_;
  GuardedCache values_;
  GuardedMemory queries_;
  Halves mask_;
  GuardedMemory results_;
  std::vector<std::uint64_t> sight_;
  std::vector<std::uint32_t> visible_;
  std::vector<AttentionRow> rows_;
};

void EveryAttention::expect_right(const HeadCase& of) {
  for (const Guard guard : {Guard::Before, Guard::After}) {
    GuardedHead head(of, guard, random_);
    const Floats alone = head.alone(kernels());
    const Floats together = head.together(kernels());
    const double rounding = rounds_to_bfloats(GetParam()) ? 2e-2 : 1e-5;
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

TEST_P(EveryAttention, StaysWithinItsOperandsAndIsRight) {
  for (const HeadCase& of :
       {HeadCase{.size = 16, .keys = 1, .rows = 1}, HeadCase{.keys = 64},
        HeadCase{.size = 80, .keys = 65, .rows = 4}, HeadCase{.size = 128, .keys = 127, .rows = 2},
        HeadCase{.size = 48, .keys = 200, .rows = 3}}) {
    expect_right(of);
  }
}

TEST_P(EveryAttention, ReadsBlocksOfBytesInKeysAndValues) {
  for (const CacheType keys : {CacheType::F16, CacheType::Q80}) {
    for (const HeadCase& of :
         {HeadCase{.size = 32, .keys = 1, .rows = 1}, HeadCase{.keys = 65, .rows = 2},
          HeadCase{.size = 96, .keys = 64, .rows = 4}, HeadCase{.size = 128, .keys = 130},
          HeadCase{.size = 256, .keys = 33, .rows = 5}}) {
      HeadCase mixed = of;
      mixed.key_type = keys;
      mixed.value_type = CacheType::Q80;
      expect_right(mixed);
      std::swap(mixed.key_type, mixed.value_type);
      expect_right(mixed);
    }
  }
}

TEST_P(EveryAttention, CapsScores) {
  for (const float cap : {0.5F, 50.0F}) {
    expect_right({.size = 48, .keys = 1, .rows = 1, .cap = cap});
    expect_right({.keys = 131, .rows = 7, .cap = cap});
    expect_right({.keys = 70, .rows = 4, .key_type = CacheType::Q80, .cap = cap});
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
