#include "kernels/product_plan.h"

#include <algorithm>

#include "kernels/kernel_set.h"

namespace shimmy::kernels {
namespace {

std::size_t size(std::int64_t extent) { return static_cast<std::size_t>(extent); }

template <class T>
T* at(const ggml_tensor& tensor, std::size_t i1, std::size_t i2, std::size_t i3) {
  auto* bytes = static_cast<std::uint8_t*>(tensor.data);
  return reinterpret_cast<T*>(bytes + i1 * tensor.nb[1] + i2 * tensor.nb[2] + i3 * tensor.nb[3]);
}

std::size_t column_count(const ggml_tensor& op) { return size(ggml_nrows(&op)); }

std::size_t matrix_count(const ggml_tensor& weights) { return size(weights.ne[2] * weights.ne[3]); }

std::size_t tile_bound(const ggml_tensor& op) {
  const std::size_t columns = column_count(op);
  // A dense product starts anew with each slice of its columns, as slices may meet other matrices.
  const std::size_t runs =
      op.op == GGML_OP_MUL_MAT_ID ? matrix_count(*op.src[0]) : size(op.ne[2] * op.ne[3]);
  return std::min(columns, columns / kMaxTileWidth + runs);
}

// Fills the arrays of a plan. Columns of one matrix follow one another.
class Planner {
 public:
  Planner(const ggml_tensor& op, std::uint8_t* memory)
      : columns_(reinterpret_cast<Column*>(memory)),
        tiles_(reinterpret_cast<ColumnTile*>(columns_ + column_count(op))),
        counts_(reinterpret_cast<std::uint32_t*>(tiles_ + tile_bound(op))),
        matrices_(matrix_count(*op.src[0])) {}

  void plan_dense(const ggml_tensor& op, const ggml_tensor& x) {
    const ggml_tensor& weights = *op.src[0];
    const std::size_t share2 = size(x.ne[2] / weights.ne[2]);
    const std::size_t share3 = size(x.ne[3] / weights.ne[3]);
    std::size_t count = 0;
    std::size_t run = 0;
    for (std::size_t i3 = 0; i3 < size(x.ne[3]); ++i3) {
      for (std::size_t i2 = 0; i2 < size(x.ne[2]); ++i2) {
        for (std::size_t i1 = 0; i1 < size(x.ne[1]); ++i1) {
          columns_[count++] = {at<const float>(x, i1, i2, i3), at<float>(op, i1, i2, i3)};
        }
        const bool is_last = i2 + 1 == size(x.ne[2]) && i3 + 1 == size(x.ne[3]);
        if (matrices_ == 1 && !is_last) continue;
        add_tiles(i3 / share3 * size(weights.ne[2]) + i2 / share2, run, count);
        run = count;
      }
    }
  }

  void plan_experts(const ggml_tensor& op, const ggml_tensor& x) {
    const ggml_tensor& ids = *op.src[2];
    std::fill_n(counts_, matrices_, 0);
    for_each_choice(ids, [&](std::size_t expert, std::size_t, std::size_t) { ++counts_[expert]; });
    std::uint32_t first = 0;
    for (std::size_t expert = 0; expert < matrices_; ++expert) {
      const std::uint32_t count = counts_[expert];
      add_tiles(expert, first, first + count);
      counts_[expert] = first;
      first += count;
    }
    for_each_choice(ids, [&](std::size_t expert, std::size_t slot, std::size_t token) {
      columns_[counts_[expert]++] = {at<const float>(x, slot % size(x.ne[1]), token, 0),
                                     at<float>(op, slot, token, 0)};
    });
  }

  ProductPlan finish(std::size_t columns) const {
    return {{columns_, columns}, {tiles_, tile_count_}, matrices_};
  }

 private:
  template <class Use>
  static void for_each_choice(const ggml_tensor& ids, Use use) {
    for (std::size_t token = 0; token < size(ids.ne[1]); ++token) {
      for (std::size_t slot = 0; slot < size(ids.ne[0]); ++slot) {
        const auto* bytes =
            static_cast<const std::uint8_t*>(ids.data) + token * ids.nb[1] + slot * ids.nb[0];
        use(size(*reinterpret_cast<const std::int32_t*>(bytes)), slot, token);
      }
    }
  }

  void add_tiles(std::size_t matrix, std::size_t first, std::size_t last) {
    for (std::size_t at = first; at < last; at += kMaxTileWidth) {
      const std::size_t count = std::min(kMaxTileWidth, last - at);
      const std::size_t width = kTileWidths.at(width_index(count));
      tiles_[tile_count_++] = {static_cast<std::uint32_t>(matrix), static_cast<std::uint32_t>(at),
                               static_cast<std::uint32_t>(count), static_cast<std::uint32_t>(width),
                               widths_};
      widths_ += width;
    }
  }

  Column* columns_;
  ColumnTile* tiles_;
  std::uint32_t* counts_;  // of the columns of each expert, then where its next one goes
  std::size_t matrices_;
  std::size_t tile_count_ = 0;
  std::size_t widths_ = 0;
};

}  // namespace

std::size_t plan_bytes(const ggml_tensor& op) {
  const std::size_t bytes = column_count(op) * sizeof(Column) +
                            tile_bound(op) * sizeof(ColumnTile) +
                            matrix_count(*op.src[0]) * sizeof(std::uint32_t);
  return (bytes + 63) / 64 * 64;
}

std::size_t planned_columns(const ggml_tensor& op) {
  // 9 columns take the kernel for 12: no count is padded by more than a third.
  return column_count(op) * 4 / 3 + 1;
}

ProductPlan plan_product(const ggml_tensor& op, const ggml_tensor& x, std::uint8_t* memory) {
  Planner planner(op, memory);
  if (op.op == GGML_OP_MUL_MAT_ID) planner.plan_experts(op, x);
  else planner.plan_dense(op, x);
  return planner.finish(column_count(op));
}

}  // namespace shimmy::kernels
