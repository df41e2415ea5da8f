#include "kernels/tile_fixture.h"

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "kernels/weight_packing.h"

namespace shimmy::kernels {

Floats multiply_tile(const TileInput& input, const WeightKernel& kernel, Guard guard) {
  const RowGroup group{input.type, kCellRows, input.values / block_shape(input.type).values};
  const GuardedMemory weights(group.packed_bytes(), guard);
  pack_rows(group, input.weights.data(), weights.data());

  const std::size_t blocks = input.values / kBlock;
  const GuardedMemory activations(blocks * input.width * kernel.activation_bytes, guard);
  for (std::size_t m = 0; m < input.width; ++m) {
    const auto* column =
        reinterpret_cast<const std::uint8_t*>(input.columns.data() + m * input.values);
    const GuardedMemory guarded(std::span(column, input.values * sizeof(float)), guard);
    // In two parts, as two threads would.
    kernel.write_column(guarded.floats(), 0, blocks / 2, activations.data(), input.width, m);
    kernel.write_column(guarded.floats(), blocks / 2, blocks, activations.data(), input.width, m);
  }

  std::vector<std::unique_ptr<GuardedMemory>> outputs;
  std::array<float*, kMaxTileWidth> to{};
  for (std::size_t m = 0; m < input.width; ++m) {
    outputs.push_back(std::make_unique<GuardedMemory>(kCellRows * sizeof(float), guard));
    to.at(m) = outputs.back()->floats();
  }
  kernel.multiply.at(width_index(input.width))({weights.data(), group.blocks, weights.data()},
                                               activations.data(), to.data());

  Floats result;
  for (const auto& output : outputs)
    result.insert(result.end(), output->floats(), output->floats() + kCellRows);
  return result;
}

}  // namespace shimmy::kernels
