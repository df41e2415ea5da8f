#include "kernels/weight_buffer.h"

#include <ggml-backend-impl.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#include "kernels/packed_tensor.h"
#include "kernels/weight_pages.h"

namespace shimmy::kernels {
namespace {

class CountedPages {
 public:
  CountedPages(std::unique_ptr<WeightPages> pages, UsageCounters& counters)
      : pages_(std::move(pages)), counters_(counters) {
    counters_.weight_bytes += pages_->bytes();
  }
  CountedPages(const CountedPages&) = delete;
  CountedPages& operator=(const CountedPages&) = delete;
  ~CountedPages() { counters_.weight_bytes -= pages_->bytes(); }

  WeightPages& operator*() const { return *pages_; }

 private:
  std::unique_ptr<WeightPages> pages_;
  UsageCounters& counters_;
};

CountedPages& counted_pages(ggml_backend_buffer_t buffer) {
  return *static_cast<CountedPages*>(buffer->context);
}

WeightPages& pages(ggml_backend_buffer_t buffer) { return *counted_pages(buffer); }

// A tensor or the one that it is a view of, with the bytes before the view.
struct Owner {
  const ggml_tensor& tensor;
  std::size_t offset;
};
Owner owner(const ggml_tensor& tensor) {
  if (tensor.view_src == nullptr) return {tensor, 0};
  return {*tensor.view_src, tensor.view_offs};
}

void set_tensor(ggml_backend_buffer_t buffer, ggml_tensor* tensor, const void* data,
                std::size_t offset, std::size_t size) {
  const Owner whole = owner(*tensor);
  auto* const packed = static_cast<std::uint8_t*>(whole.tensor.data);
  pages(buffer).prepare(packed + weight_buffer_bytes(whole.tensor));
  const auto shape = PackedTensor::describe(whole.tensor);
  // What cannot be packed was refused as a weight; if it is put here all the same, it lies as it
  // is.
  if (!shape) std::memcpy(packed + whole.offset + offset, data, size);
  else shape->write(packed, static_cast<const std::uint8_t*>(data), whole.offset + offset, size);
}

void get_tensor(ggml_backend_buffer_t /*buffer*/, const ggml_tensor* tensor, void* data,
                std::size_t offset, std::size_t size) {
  const Owner whole = owner(*tensor);
  const auto* const packed = static_cast<const std::uint8_t*>(whole.tensor.data);
  const auto shape = PackedTensor::describe(whole.tensor);
  if (!shape) std::memcpy(data, packed + whole.offset + offset, size);
  else shape->read(packed, static_cast<std::uint8_t*>(data), whole.offset + offset, size);
}

void memset_tensor(ggml_backend_buffer_t buffer, ggml_tensor* tensor, std::uint8_t value,
                   std::size_t offset, std::size_t size) {
  const std::unique_ptr<std::uint8_t[]> bytes(new std::uint8_t[size]);
  std::memset(bytes.get(), value, size);
  set_tensor(buffer, tensor, bytes.get(), offset, size);
}

constexpr ggml_backend_buffer_i kInterface = {
    .free_buffer =
        [](ggml_backend_buffer_t buffer) {
          const std::unique_ptr<CountedPages> owned(&counted_pages(buffer));
        },
    .get_base = [](ggml_backend_buffer_t buffer) { return pages(buffer).begin(); },
    .init_tensor = nullptr,
    .memset_tensor = memset_tensor,
    .set_tensor = set_tensor,
    .get_tensor = get_tensor,
    .set_tensor_2d = nullptr,
    .get_tensor_2d = nullptr,
    .cpy_tensor = nullptr,
    .clear =
        [](ggml_backend_buffer_t buffer, std::uint8_t value) {
          WeightPages& all = pages(buffer);
          all.prepare(static_cast<std::uint8_t*>(all.begin()) + all.bytes());
          std::memset(all.begin(), value, all.bytes());
        },
    .reset = nullptr,
};

}  // namespace

ggml_backend_buffer_t allocate_weight_buffer(ggml_backend_buffer_type_t type, std::size_t bytes,
                                             UsageCounters& counters) {
  auto memory = WeightPages::allocate(bytes);
  if (!memory) return nullptr;
  auto owned = std::make_unique<CountedPages>(std::move(memory), counters);
  return ggml_backend_buffer_init(type, kInterface, owned.release(), bytes);
}

std::size_t weight_buffer_bytes(const ggml_tensor& tensor) {
  const auto shape = PackedTensor::describe(tensor);
  return shape ? shape->packed_bytes() : ggml_nbytes(&tensor);
}

}  // namespace shimmy::kernels
