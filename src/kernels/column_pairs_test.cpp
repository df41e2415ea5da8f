#include "kernels/column_pairs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace shimmy::kernels {
namespace {

struct PairingLanes {
  static constexpr bool kPairsColumns = true;
};
struct OtherLanes {
  static constexpr bool kPairsColumns = false;
};

// Byte i of column m is 32 m + i.
template <class V>
std::vector<int> tile_of(std::size_t width) {
  std::vector<std::uint8_t> tile(kBlock * width, 0xff);
  for (std::size_t slot = 0; slot < width; ++slot) {
    ColumnPairs<V>::place(tile.data(), width, slot, [&](std::uint8_t* bytes) {
      for (std::size_t i = 0; i < kBlock; ++i)
        bytes[i] = static_cast<std::uint8_t>(kBlock * slot + i);
    });
  }
  return {tile.begin(), tile.end()};
}

std::vector<int> counted(std::initializer_list<int> firsts) {
  std::vector<int> bytes;
  for (const int first : firsts) {
    for (int i = 0; i < 8; ++i) bytes.push_back(first + i);
  }
  return bytes;
}

TEST(ColumnPairs, InterleaveNeighboursEightByEight) {
  EXPECT_EQ(tile_of<PairingLanes>(4), counted({0, 32, 8, 40, 16, 48, 24, 56,  //
                                               64, 96, 72, 104, 80, 112, 88, 120}));
}

TEST(ColumnPairs, LeaveALastColumnByItself) {
  EXPECT_EQ(tile_of<PairingLanes>(1), counted({0, 8, 16, 24}));
  EXPECT_EQ(tile_of<PairingLanes>(3), counted({0, 32, 8, 40, 16, 48, 24, 56, 64, 72, 80, 88}));
}

TEST(ColumnPairs, AreOfVectorsThatTakeThemOnly) {
  EXPECT_EQ(tile_of<OtherLanes>(2), counted({0, 8, 16, 24, 32, 40, 48, 56}));
}

}  // namespace
}  // namespace shimmy::kernels
