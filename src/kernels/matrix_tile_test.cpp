#include "kernels/matrix_tile.h"

#include <gtest/gtest.h>

#include "kernels/amx_products.h"
#include "kernels/cpu_level.h"
#include "kernels/matrix_tile_fixture.h"
#include "kernels/tile_fixture.h"

namespace shimmy::kernels {
namespace {

class MatrixTiles : public testing::TestWithParam<WeightType> {
 protected:
  void SetUp() override {
    if (!is_supported(CpuLevel::Avx512Vnni)) GTEST_SKIP() << "rows are unpacked with AVX512";
  }

  void expect_bits_of_the_vectors(const TileInput& input) {
    const WeightKernel& vectors = kernel_set(CpuLevel::Avx512Vnni).of(input.type);
    WeightKernel unit = vectors;
    unit.multiply.at(width_index(input.width)) =
        emulated_product(input.type, static_cast<int>(input.width));
    for (const Guard guard : {Guard::Before, Guard::After}) {
      EXPECT_EQ(multiply_tile(input, unit, guard), multiply_tile(input, vectors, guard))
          << input.width;
    }
  }

  Random random_{5};
};

TEST_P(MatrixTiles, HaveTheBitsOfTheVectors) {
  constexpr std::size_t kValues = 512;
  for (const int each : kMatrixWidths) {
    const auto width = static_cast<std::size_t>(each);
    expect_bits_of_the_vectors({GetParam(), kValues, width,
                                quantised_weights(GetParam(), kCellRows, kValues, random_),
                                random_floats(width * kValues, random_)});
    expect_bits_of_the_vectors({GetParam(), kValues, width,
                                hostile_weights(GetParam(), kCellRows, kValues, random_),
                                hostile_activations(width * kValues, random_)});
  }
}

std::vector<WeightType> quantised_types() {
  std::vector<WeightType> types = every_type();
  std::erase_if(types, [](WeightType type) { return type >= WeightType::F16; });
  return types;
}

INSTANTIATE_TEST_SUITE_P(EveryType, MatrixTiles, testing::ValuesIn(quantised_types()),
                         [](const auto& type) { return name_of(type.param); });

}  // namespace
}  // namespace shimmy::kernels
