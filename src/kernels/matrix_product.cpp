#include "kernels/matrix_product.h"

#include <ggml-cpu-impl.h>
#include <vec.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

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

// The results of a tile for a group of 16 rows, by column.
struct Results {
  // Left as it is, for it is written before it is read.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
  alignas(64) std::array<std::array<float, kCellRows>, kMaxTileWidth> columns;
};

using CombineRows = void (*)(int count, float* result, const float* gate, const float* up);

CombineRows combiner_of(const ggml_tensor& gated_unit) {
  // ggml's own functions: the same bits as from its GLU.
  if (ggml_get_glu_op(&gated_unit) == GGML_GLU_OP_GEGLU) return ggml_vec_geglu_f32;
  return ggml_vec_swiglu_f32;
}

bool overlap(const ggml_tensor& a, const ggml_tensor& b) {
  const auto* const first = static_cast<const char*>(a.data);
  const auto* const second = static_cast<const char*>(b.data);
  return first < second + ggml_nbytes(&b) && second < first + ggml_nbytes(&a);
}

// A matrix of those that are multiplied together.
struct Factor {
  const std::uint8_t* cells;
  std::size_t group_bytes;
  std::size_t cells_of_group;
  const WeightKernel* kernel;
  std::size_t rows;
  std::size_t groups;
  float* results;  // of all columns, one after the other
};

// What one thread needs to know to take part.
class Share {
 public:
  Share(const KernelSet& kernels, const ggml_compute_params& params,
        std::span<ggml_tensor* const> products, const ggml_tensor* gated_unit)
      : op_(*products.front()),
        gated_unit_(gated_unit),
        thread_(static_cast<std::size_t>(params.ith)),
        threads_(static_cast<std::size_t>(params.nth)),
        pool_(params.threadpool),
        blocks_(static_cast<std::size_t>(op_.src[0]->ne[0]) / kBlock) {
    for (const ggml_tensor* product : products) add_factor(kernels, *product);
    if (gated_unit != nullptr) {
      groups_ = factors_[0].groups;
      combine_ = combiner_of(*gated_unit);
    }
    auto* memory = static_cast<std::uint8_t*>(params.wdata);
    plan_ = plan_product(op_, memory + thread_ * plan_bytes(op_));
    activations_ = memory + threads_ * plan_bytes(op_);
    if (is_small())
      activations_ += thread_ * aligned(planned_columns(op_) * column_bytes(kernel(), op_));
  }

  void run() {
    if (is_small()) {
      for (const ColumnTile& tile : plan_.tiles) write_activations(tile, 0, blocks_);
      // The unit may lie where its activations lay: they have been read for the last time.
      if (gated_unit_ != nullptr && overlap(*gated_unit_, *op_.src[1])) ggml_barrier(pool_);
      multiply_range(thread_ * items() / threads_, (thread_ + 1) * items() / threads_);
      return;
    }
    write_shared_activations();
    if (thread_ == 0) ggml_threadpool_chunk_set(pool_, static_cast<int>(threads_));
    ggml_barrier(pool_);
    multiply_chunks();
  }

 private:
  void add_factor(const KernelSet& kernels, const ggml_tensor& product) {
    const PackedView weights = packed_view(*product.src[0]);
    const auto rows = static_cast<std::size_t>(product.src[0]->ne[1]);
    const std::size_t groups = (rows + kCellRows - 1) / kCellRows;
    factors_.at(factor_count_++) = {weights.cells,
                                    weights.shape.group_bytes(),
                                    weights.shape.blocks(),
                                    &kernel_of(kernels, weights.shape.type()),
                                    rows,
                                    groups,
                                    static_cast<float*>(product.data)};
    groups_ += groups;
  }

  const WeightKernel& kernel() const { return *factors_[0].kernel; }
  bool is_alone() const { return factor_count_ == 1; }
  bool is_small() const { return plan_.columns.size() <= kOwnColumns; }
  bool has_many_tiles() const { return plan_.tiles.size() >= 2 * threads_; }
  std::size_t items() const { return plan_.tiles.size() * groups_; }

  std::uint8_t* activations(const ColumnTile& tile) const {
    return activations_ + tile.columns_before * blocks_ * kernel().activation_bytes;
  }

  void write_activations(const ColumnTile& tile, std::size_t first_block,
                         std::size_t last_block) const {
    for (std::size_t slot = 0; slot < tile.width; ++slot) {
      const float* column = slot < tile.count ? plan_.columns[tile.first + slot].from : nullptr;
      kernel().write_column(column, first_block, last_block, activations(tile), tile.width, slot);
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

  // Of all factors, the groups of one after those of another.
  void multiply_group(const ColumnTile& tile, std::size_t group) const {
    if (combine_ != nullptr) {
      multiply_gated(tile, group);
      return;
    }
    std::size_t factor = 0;
    while (group >= factors_.at(factor).groups) group -= factors_.at(factor++).groups;
    multiply_factor(factors_.at(factor), tile, group);
  }

  void multiply_factor(const Factor& factor, const ColumnTile& tile, std::size_t group) const {
    Results spare;  // where columns or rows beyond the last ones go
    std::array<float*, kMaxTileWidth> to{};
    const std::size_t row = group * kCellRows;
    const std::size_t rows = std::min(kCellRows, factor.rows - row);
    for (std::size_t m = 0; m < tile.width; ++m) {
      const bool fits = m < tile.count && rows == kCellRows;
      to[m] = fits ? result(factor, tile.first + m) + row : spare.columns[m].data();
    }
    multiply_cells(factor, tile, group, to.data());
    if (rows == kCellRows) return;
    for (std::size_t m = 0; m < tile.count; ++m) {
      std::memcpy(result(factor, tile.first + m) + row, spare.columns[m].data(),
                  rows * sizeof(float));
    }
  }

  void multiply_gated(const ColumnTile& tile, std::size_t group) const {
    std::array<Results, 2> parts;
    for (std::size_t part = 0; part < 2; ++part) {
      std::array<float*, kMaxTileWidth> to{};
      for (std::size_t m = 0; m < tile.width; ++m) to[m] = parts[part].columns[m].data();
      multiply_cells(factors_[part], tile, group, to.data());
    }
    const std::size_t all_rows = factors_[0].rows;
    const std::size_t row = group * kCellRows;
    const auto rows = static_cast<int>(std::min(kCellRows, all_rows - row));
    for (std::size_t m = 0; m < tile.count; ++m) {
      float* const to = static_cast<float*>(gated_unit_->data) + (tile.first + m) * all_rows + row;
      combine_(rows, to, parts[0].columns[m].data(), parts[1].columns[m].data());
    }
  }

  void multiply_cells(const Factor& factor, const ColumnTile& tile, std::size_t group,
                      float* const* to) const {
    factor.kernel->multiply.at(width_index(tile.width))(
        factor.cells + (tile.matrix * factor.groups + group) * factor.group_bytes,
        factor.cells_of_group, activations(tile), to);
  }

  float* result(const Factor& factor, std::size_t column) const {
    return is_alone() ? plan_.columns[column].to : factor.results + column * factor.rows;
  }

  const ggml_tensor& op_;  // the first product
  const ggml_tensor* gated_unit_;
  std::size_t thread_;
  std::size_t threads_;
  ggml_threadpool* pool_;
  std::size_t blocks_;  // of 32 values, in one row
  std::array<Factor, ProductGroup::kMost> factors_{};
  std::size_t factor_count_ = 0;
  std::size_t groups_ = 0;  // of rows, that are multiplied one after the other
  CombineRows combine_ = nullptr;
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
  auto* const product = const_cast<ggml_tensor*>(&op);
  Share(kernels, params, {&product, 1}, nullptr).run();
}

void multiply(const KernelSet& kernels, const ggml_compute_params& params,
              const ProductGroup& group) {
  Share(kernels, params, {group.products.data(), group.count}, group.gated_unit).run();
}

bool can_share_activations(const KernelSet& kernels, const ggml_tensor& first,
                           const ggml_tensor& second) {
  return kernel_of(kernels, packed_view(*first.src[0]).shape.type()).write_column ==
         kernel_of(kernels, packed_view(*second.src[0]).shape.type()).write_column;
}

}  // namespace shimmy::kernels
