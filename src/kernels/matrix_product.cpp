#include "kernels/matrix_product.h"

#include <ggml-cpu-impl.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "kernels/packed_view.h"
#include "kernels/product_plan.h"

namespace shimmy::kernels {
namespace {

std::size_t aligned(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

const WeightKernel& kernel_of(const KernelSet& kernels, WeightType type) {
  return kernels.at(static_cast<std::size_t>(type));
}

std::size_t column_bytes(const WeightKernel& kernel, const ggml_tensor& op) {
  return static_cast<std::size_t>(op.src[0]->ne[0]) / kBlock * kernel.activation_bytes;
}

// What one thread needs to know to take part.
class Share {
 public:
  Share(const KernelSet& kernels, const ggml_compute_params& params, const ggml_tensor& op)
      : weights_(packed_view(*op.src[0])),
        kernel_(kernel_of(kernels, weights_.shape.type())),
        thread_(static_cast<std::size_t>(params.ith)),
        threads_(static_cast<std::size_t>(params.nth)),
        pool_(params.threadpool),
        blocks_(static_cast<std::size_t>(op.src[0]->ne[0]) / kBlock),
        rows_(static_cast<std::size_t>(op.src[0]->ne[1])),
        groups_((rows_ + kCellRows - 1) / kCellRows) {
    auto* memory = static_cast<std::uint8_t*>(params.wdata);
    plan_ = plan_product(op, memory + thread_ * plan_bytes(op));
    activations_ = memory + threads_ * plan_bytes(op);
    if (is_small())
      activations_ += thread_ * aligned(planned_columns(op) * column_bytes(kernel_, op));
  }

  void run() {
    if (is_small()) {
      for (const ColumnTile& tile : plan_.tiles) write_activations(tile, 0, blocks_);
      multiply_range(thread_ * items() / threads_, (thread_ + 1) * items() / threads_);
      return;
    }
    write_shared_activations();
    if (thread_ == 0) ggml_threadpool_chunk_set(pool_, static_cast<int>(threads_));
    ggml_barrier(pool_);
    multiply_chunks();
  }

 private:
  bool is_small() const { return plan_.columns.size() <= kOwnColumns; }
  bool has_many_tiles() const { return plan_.tiles.size() >= 2 * threads_; }
  std::size_t items() const { return plan_.tiles.size() * groups_; }

  std::uint8_t* activations(const ColumnTile& tile) const {
    return activations_ + tile.columns_before * blocks_ * kernel_.activation_bytes;
  }

  void write_activations(const ColumnTile& tile, std::size_t first_block,
                         std::size_t last_block) const {
    for (std::size_t slot = 0; slot < tile.width; ++slot) {
      const float* column = slot < tile.count ? plan_.columns[tile.first + slot].from : nullptr;
      kernel_.write_column(column, first_block, last_block, activations(tile), tile.width, slot);
    }
  }

  void write_shared_activations() const {
    if (has_many_tiles()) {
      for (std::size_t i = thread_; i < plan_.tiles.size(); i += threads_) {
        write_activations(plan_.tiles[i], 0, blocks_);
      }
      return;
    }
    for (const ColumnTile& tile : plan_.tiles) {
      write_activations(tile, thread_ * blocks_ / threads_, (thread_ + 1) * blocks_ / threads_);
    }
  }

  // Items are groups of rows of one tile after those of another.
  void multiply_range(std::size_t first, std::size_t last) const {
    for (std::size_t item = first; item < last; ++item) {
      multiply_group(plan_.tiles[item / groups_], item % groups_);
    }
  }

  // Chunks of a few groups of rows and a few tiles of columns, so that both stay in the caches.
  void multiply_chunks() const {
    constexpr std::size_t kTilesOfChunk = 8;
    const std::size_t chunk_groups =
        has_many_tiles() ? 4 : std::clamp<std::size_t>(groups_ / (8 * threads_), 1, 8);
    const std::size_t tile_chunks = (plan_.tiles.size() + kTilesOfChunk - 1) / kTilesOfChunk;
    const std::size_t chunks = (groups_ + chunk_groups - 1) / chunk_groups * tile_chunks;
    for (std::size_t chunk = thread_; chunk < chunks;
         chunk = static_cast<std::size_t>(ggml_threadpool_chunk_add(pool_, 1))) {
      const std::size_t first_group = chunk / tile_chunks * chunk_groups;
      const std::size_t last_group = std::min(groups_, first_group + chunk_groups);
      const std::size_t first_tile = chunk % tile_chunks * kTilesOfChunk;
      const std::size_t last_tile = std::min(plan_.tiles.size(), first_tile + kTilesOfChunk);
      for (std::size_t tile = first_tile; tile < last_tile; ++tile) {
        for (std::size_t group = first_group; group < last_group; ++group) {
          multiply_group(plan_.tiles[tile], group);
        }
      }
    }
  }

  void multiply_group(const ColumnTile& tile, std::size_t group) const {
    // Where columns or rows beyond the last ones go; left as it is, for it is written before it is
    // read.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
    alignas(64) std::array<std::array<float, kCellRows>, kMaxTileWidth> spare;
    std::array<float*, kMaxTileWidth> to{};
    const std::size_t row = group * kCellRows;
    const std::size_t rows = std::min(kCellRows, rows_ - row);
    for (std::size_t m = 0; m < tile.width; ++m) {
      const bool fits = m < tile.count && rows == kCellRows;
      to[m] = fits ? plan_.columns[tile.first + m].to + row : spare[m].data();
    }
    const std::uint8_t* cells =
        weights_.cells + (tile.matrix * groups_ + group) * weights_.shape.group_bytes();
    kernel_.multiply.at(width_index(tile.width))(cells, weights_.shape.blocks(), activations(tile),
                                                 to.data());
    if (rows == kCellRows) return;
    for (std::size_t m = 0; m < tile.count; ++m) {
      std::memcpy(plan_.columns[tile.first + m].to + row, spare[m].data(), rows * sizeof(float));
    }
  }

  PackedView weights_;
  const WeightKernel& kernel_;
  std::size_t thread_;
  std::size_t threads_;
  ggml_threadpool* pool_;
  std::size_t blocks_;  // of 32 values, in one row
  std::size_t rows_;
  std::size_t groups_;
  ProductPlan plan_{};
  std::uint8_t* activations_ = nullptr;
};

}  // namespace

std::size_t product_work_bytes(const KernelSet& kernels, const ggml_tensor& op,
                               std::size_t threads) {
  const WeightKernel& kernel = kernel_of(kernels, packed_view(*op.src[0]).shape.type());
  const std::size_t activations = aligned(planned_columns(op) * column_bytes(kernel, op));
  const bool is_small = static_cast<std::size_t>(ggml_nrows(&op)) <= kOwnColumns;
  return threads * plan_bytes(op) + (is_small ? threads : 1) * activations;
}

void multiply(const KernelSet& kernels, const ggml_compute_params& params, const ggml_tensor& op) {
  Share(kernels, params, op).run();
}

}  // namespace shimmy::kernels
