#include "kernels/matrix_product.h"

#include <ggml-cpu-impl.h>
#include <vec.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "kernels/graph_nodes.h"
#include "kernels/product_memory.h"
#include "kernels/product_plan.h"

namespace shimmy::kernels {
namespace {

// The results of a tile for a group of 16 rows, by column.
struct Results {
  // Left as it is, for it is written before it is read.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
  alignas(64) std::array<std::array<float, kCellRows>, kMaxTileWidth> columns;

  std::array<float*, kMaxTileWidth> pointers() {
    std::array<float*, kMaxTileWidth> each{};
    for (std::size_t m = 0; m < kMaxTileWidth; ++m) each.at(m) = columns.at(m).data();
    return each;
  }
};

using CombineRows = void (*)(int count, float* result, const float* gate, const float* up);

CombineRows combiner_of(const ggml_tensor& gated_unit) {
  // ggml's own functions: the same bits as from its GLU.
  if (ggml_get_glu_op(&gated_unit) == GGML_GLU_OP_GEGLU) return ggml_vec_geglu_f32;
  return ggml_vec_swiglu_f32;
}

// What one thread needs to know to take part.
class Share {
 public:
  Share(const KernelSet& kernels, const ggml_compute_params& params, const ProductGroup& group)
      : kernels_(kernels),
        group_(group),
        op_(*group.products[0]),
        thread_(static_cast<std::size_t>(params.ith)),
        threads_(static_cast<std::size_t>(params.nth)),
        pool_(params.threadpool),
        blocks_(static_cast<std::size_t>(op_.src[0]->ne[0]) / kBlock),
        memory_(kernels, group) {
    auto* const memory = static_cast<std::uint8_t*>(params.wdata);
    std::uint8_t* const own = memory + thread_ * memory_.of_thread();
    plan_ = plan_product(op_, group.input(), own);
    normed_ = reinterpret_cast<float*>(own + memory_.plan);
    results_ = memory + threads_ * memory_.of_thread();
    activations_ = results_ + memory_.results + (is_small() ? thread_ * memory_.activations : 0);
    if (group.is_gated()) combine_ = combiner_of(*group.tail);
  }

  void run() {
    if (is_small()) multiply_few();
    else multiply_many();
    if (!has_chains()) return;
    const bool is_filling = fill_rotations(chains(), thread_, threads_);
    ggml_barrier(pool_);
    // Other threads look again after the barrier that follows the op.
    if (is_filling && thread_ == 0) finish_rotations(chains());
    compute_chains();
  }

 private:
  bool is_small() const { return plan_.columns.size() <= kOwnColumns; }
  bool has_many_tiles() const { return plan_.tiles.size() >= 2 * threads_; }
  std::span<const HeadChain> chains() const { return std::span(group_.chains).first(group_.count); }
  bool has_chains() const {
    return std::ranges::any_of(chains(), [](const HeadChain& chain) { return bool(chain); });
  }

  // Each thread has one run of weights, which they then stream.
  void multiply_few() {
    for (const ColumnTile& tile : plan_.tiles) write_activations(tile, 0, blocks_);
    if (is_input_overwritten()) ggml_barrier(pool_);
    const std::size_t groups = group_.row_groups();
    const std::size_t items = plan_.tiles.size() * groups;
    const std::size_t last = (thread_ + 1) * items / threads_;
    for (std::size_t first = thread_ * items / threads_; first < last;) {
      const std::size_t tile = first / groups;
      const std::size_t end = std::min(last, (tile + 1) * groups);
      const std::uint8_t* const after =
          end < last ? group_.cells_of(plan_.tiles[tile + 1].matrix, 0) : first_cells_after();
      multiply_block(tile, tile + 1, first - tile * groups, end - tile * groups, after);
      first = end;
    }
  }

  // Where this thread will begin with the next group, if that has one column as well.
  const std::uint8_t* first_cells_after() const {
    const ProductGroup& next = group_.following == nullptr ? group_ : *group_.following;
    return next.cells_of(0,
                         std::min(thread_ * next.row_groups() / threads_, next.row_groups() - 1));
  }

  // Blocks of row groups and tiles of columns, so that both stay in the caches: all tiles of one
  // row group, or of many tiles some with a few row groups.
  void multiply_many() {
    write_shared_activations();
    ggml_barrier(pool_);
    const std::size_t tiles = plan_.tiles.size();
    const std::size_t groups = group_.row_groups();
    const std::size_t block_tiles = has_many_tiles() ? 8 : tiles;
    const std::size_t block_groups = has_many_tiles() ? 4 : 1;
    const std::size_t tile_blocks = (tiles + block_tiles - 1) / block_tiles;
    const std::size_t blocks = (groups + block_groups - 1) / block_groups * tile_blocks;
    const auto multiply = [&](std::size_t first, std::size_t last, std::size_t next) {
      const auto begin_of = [&](std::size_t block) {
        return block < blocks
                   ? cells_of(block % tile_blocks * block_tiles, block / tile_blocks * block_groups)
                   : first_cells_after();
      };
      for (std::size_t block = first; block < last; ++block) {
        const std::size_t tile = block % tile_blocks * block_tiles;
        const std::size_t group = block / tile_blocks * block_groups;
        multiply_block(tile, std::min(tiles, tile + block_tiles), group,
                       std::min(groups, group + block_groups),
                       begin_of(block + 1 < last ? block + 1 : next));
      }
    };
    group_.loop.run(blocks, thread_, threads_, multiply);
  }

  // `after` is read when the block is done.
  void multiply_block(std::size_t first_tile, std::size_t last_tile, std::size_t first_group,
                      std::size_t last_group, const std::uint8_t* after) const {
    for (std::size_t tile = first_tile; tile < last_tile; ++tile) {
      for (std::size_t group = first_group; group < last_group; ++group) {
        const std::uint8_t* next = after;
        if (group + 1 < last_group) next = cells_of(tile, group + 1);
        else if (tile + 1 < last_tile) next = cells_of(tile + 1, first_group);
        multiply_group(plan_.tiles[tile], group, next);
      }
    }
  }

  const std::uint8_t* cells_of(std::size_t tile, std::size_t group) const {
    return group_.cells_of(plan_.tiles[tile].matrix, group);
  }

  // Results may lie where the activations lay, which nobody else is to read.
  bool is_input_overwritten() const {
    const MemoryRange input(group_.input());
    if (group_.tail != nullptr) return MemoryRange(*group_.tail).overlaps(input);
    // What chains write comes after a barrier.
    for (std::size_t i = 0; i < group_.count; ++i) {
      if (!group_.chains.at(i) && MemoryRange(*group_.products.at(i)).overlaps(input)) return true;
    }
    return false;
  }

  std::uint8_t* activations(std::size_t factor, const ColumnTile& tile) const {
    return activations_ + memory_.activations_of.at(factor) +
           tile.columns_before * blocks_ * kernel(factor).activation_bytes;
  }

  void write_activations(const ColumnTile& tile, std::size_t first_block,
                         std::size_t last_block) const {
    for (std::size_t slot = 0; slot < tile.width; ++slot) {
      const float* column = slot < tile.count ? plan_.columns[tile.first + slot].from : nullptr;
      if (column != nullptr && group_.norm) column = normed(column, first_block, last_block);
      for (std::size_t i = 0; i < group_.count; ++i) {
        const bool is_shared =
            i > 0 && memory_.activations_of.at(i) <= memory_.activations_of.at(i - 1);
        if (is_shared) continue;
        kernel(i).write_column(column, first_block, last_block, activations(i, tile), tile.width,
                               slot);
      }
    }
  }

  // The column after its norm; only these blocks of it.
  const float* normed(const float* column, std::size_t first_block, std::size_t last_block) const {
    const float scale = kernels_.rows.rms_scale(column, blocks_ * kBlock, group_.norm.epsilon);
    const std::size_t first = first_block * kBlock;
    kernels_.rows.scale_row(column + first, group_.norm.weights + first, scale,
                            (last_block - first_block) * kBlock, normed_ + first);
    return normed_;
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

  void multiply_group(const ColumnTile& tile, std::size_t group, const std::uint8_t* next) const {
    if (combine_ != nullptr) {
      multiply_gated(tile, group, next);
      return;
    }
    if (group_.tail != nullptr) {
      multiply_added(tile, group, next);
      return;
    }
    std::size_t factor = 0;
    while (group >= group_.factors[factor].groups) group -= group_.factors[factor++].groups;
    multiply_factor(factor, tile, group, next);
  }

  void multiply_factor(std::size_t factor, const ColumnTile& tile, std::size_t group,
                       const std::uint8_t* next) const {
    Results spare;  // where columns or rows beyond the last ones go
    std::array<float*, kMaxTileWidth> to = spare.pointers();
    const std::size_t row = group * kCellRows;
    const std::size_t all_rows = group_.factors[factor].rows;
    const std::size_t rows = std::min(kCellRows, all_rows - row);
    if (rows == kCellRows && group_.is_alone()) {
      for (std::size_t m = 0; m < tile.count; ++m) to[m] = plan_.columns[tile.first + m].to + row;
    } else if (rows == kCellRows) {
      float* const first = values(factor) + tile.first * all_rows + row;
      for (std::size_t m = 0; m < tile.count; ++m) to[m] = first + m * all_rows;
    }
    for (std::size_t m = 0; m < tile.count; ++m) __builtin_prefetch(to[m]);
    multiply_cells(factor, tile, group, next, to.data());
    if (rows == kCellRows) return;
    for (std::size_t m = 0; m < tile.count; ++m) {
      std::memcpy(result(factor, tile.first + m) + row, spare.columns[m].data(),
                  rows * sizeof(float));
    }
  }

  // Results lie a column apart, where no hardware guesses them: fetched while the tile is computed.
  void fetch(const float* first, const ColumnTile& tile, std::size_t apart) const {
    for (std::size_t m = 0; m < tile.count; ++m) __builtin_prefetch(first + m * apart);
  }

  void multiply_gated(const ColumnTile& tile, std::size_t group, const std::uint8_t* next) const {
    Results gate;
    Results up;
    fetch(result(0, tile.first) + group * kCellRows, tile, group_.factors[0].rows);
    multiply_cells(0, tile, group, group_.factors[1].group(tile.matrix, group),
                   gate.pointers().data());
    multiply_cells(1, tile, group, next, up.pointers().data());
    const std::size_t row = group * kCellRows;
    const std::size_t rows = std::min(kCellRows, group_.factors[0].rows - row);
    // All columns in one go, as ggml takes whole vectors; what is left of a last one goes by
    // itself.
    if (rows == kCellRows) {
      float* const all = gate.columns[0].data();
      combine_(static_cast<int>(tile.count * kCellRows), all, all, up.columns[0].data());
    }
    for (std::size_t m = 0; m < tile.count; ++m) {
      float* const to = result(0, tile.first + m) + row;
      if (rows == kCellRows) std::memcpy(to, gate.columns[m].data(), sizeof(gate.columns[m]));
      else combine_(static_cast<int>(rows), to, gate.columns[m].data(), up.columns[m].data());
    }
  }

  void multiply_added(const ColumnTile& tile, std::size_t group, const std::uint8_t* next) const {
    const ggml_tensor& other = *group_.tail->src[group_.tail->src[0] == &op_ ? 1 : 0];
    Results part;
    const std::size_t all_rows = group_.factors[0].rows;
    const std::size_t row = group * kCellRows;
    const std::size_t rows = std::min(kCellRows, all_rows - row);
    const float* addend = static_cast<const float*>(other.data) + tile.first * all_rows + row;
    fetch(addend, tile, all_rows);
    fetch(result(0, tile.first) + row, tile, all_rows);
    multiply_cells(0, tile, group, next, part.pointers().data());
    for (std::size_t m = 0; m < tile.count; ++m, addend += all_rows) {
      float* const sum = result(0, tile.first + m) + row;
      for (std::size_t i = 0; i < rows; ++i) sum[i] = part.columns[m][i] + addend[i];
    }
  }

  const WeightKernel& kernel(std::size_t factor) const {
    return kernels_.of(group_.factors[factor].type);
  }

  void multiply_cells(std::size_t factor, const ColumnTile& tile, std::size_t group,
                      const std::uint8_t* next, float* const* to) const {
    const Factor& matrix = group_.factors[factor];
    const PackedRows rows{matrix.group(tile.matrix, group), matrix.cells_of_group, next};
    kernel(factor).multiply.at(width_index(tile.width))(rows, activations(factor, tile), to);
  }

  float* result(std::size_t factor, std::size_t column) const {
    if (group_.is_alone()) return plan_.columns[column].to;
    return values(factor) + column * group_.factors[factor].rows;
  }

  // Of all columns, one after the other.
  float* values(std::size_t factor) const {
    if (group_.tail != nullptr) return static_cast<float*>(group_.tail->data);
    if (!group_.chains.at(factor)) return static_cast<float*>(group_.products.at(factor)->data);
    return reinterpret_cast<float*>(results_ + memory_.results_of.at(factor));
  }

  // All rows of one chain after those of another, as many for each thread.
  void compute_chains() const {
    std::array<std::size_t, ProductGroup::kMost> counts{};
    std::size_t all = 0;
    for (std::size_t i = 0; i < group_.count; ++i) {
      if (group_.chains.at(i))
        counts.at(i) = row_count(group_.chains.at(i), *group_.products.at(i));
      all += counts.at(i);
    }
    std::size_t first = thread_ * all / threads_;
    std::size_t last = (thread_ + 1) * all / threads_;
    for (std::size_t i = 0; i < group_.count; ++i) {
      const std::size_t rows = counts.at(i);
      if (rows > 0) {
        compute_rows(kernels_.rows, group_.chains.at(i), *group_.products.at(i), values(i),
                     std::min(first, rows), std::min(last, rows));
      }
      first -= std::min(first, rows);
      last -= std::min(last, rows);
    }
  }

  const KernelSet& kernels_;
  const ProductGroup& group_;
  const ggml_tensor& op_;  // the first product
  std::size_t thread_;
  std::size_t threads_;
  ggml_threadpool* pool_;
  std::size_t blocks_;  // of 32 values, in one row
  ProductMemory memory_;
  ProductPlan plan_{};
  CombineRows combine_ = nullptr;
  float* normed_ = nullptr;          // one column
  std::uint8_t* results_ = nullptr;  // of products with chains
  std::uint8_t* activations_ = nullptr;
};

}  // namespace

std::size_t product_work_bytes(const KernelSet& kernels, const ProductGroup& group,
                               std::size_t threads) {
  const ProductMemory memory(kernels, group);
  const bool is_small = static_cast<std::size_t>(ggml_nrows(group.products[0])) <= kOwnColumns;
  return threads * memory.of_thread() + memory.results +
         (is_small ? threads : 1) * memory.activations;
}

void multiply(const KernelSet& kernels, const ggml_compute_params& params,
              const ProductGroup& group) {
  Share(kernels, params, group).run();
}

}  // namespace shimmy::kernels
