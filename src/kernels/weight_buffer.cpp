#include "kernels/weight_buffer.h"

#include <ggml-backend-impl.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <memory>

#include "kernels/packed_tensor.h"

namespace shimmy::kernels {
namespace {

// Anonymous pages, in huge ones where the system has them: fewer faults at load, fewer misses
// later.
class Pages {
 public:
  Pages(void* begin, std::size_t bytes, UsageCounters& counters)
      : begin_(begin), bytes_(bytes), counters_(counters) {
    counters_.weight_bytes += bytes_;
  }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  ~Pages() {
    munmap(begin_, bytes_);
    counters_.weight_bytes -= bytes_;
  }

  void* begin() const { return begin_; }
  std::size_t bytes() const { return bytes_; }

 private:
  void* begin_;
  std::size_t bytes_;
  UsageCounters& counters_;
};

Pages& pages(ggml_backend_buffer_t buffer) { return *static_cast<Pages*>(buffer->context); }

// A tensor or the one that it is a view of, with the bytes before the view.
struct Owner {
  const ggml_tensor& tensor;
  std::size_t offset;
};
Owner owner(const ggml_tensor& tensor) {
  if (tensor.view_src == nullptr) return {tensor, 0};
  return {*tensor.view_src, tensor.view_offs};
}

void set_tensor(ggml_backend_buffer_t /*buffer*/, ggml_tensor* tensor, const void* data,
                std::size_t offset, std::size_t size) {
  const Owner whole = owner(*tensor);
  auto* const packed = static_cast<std::uint8_t*>(whole.tensor.data);
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
        [](ggml_backend_buffer_t buffer) { const std::unique_ptr<Pages> owned(&pages(buffer)); },
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
          std::memset(pages(buffer).begin(), value, pages(buffer).bytes());
        },
    .reset = nullptr,
};

}  // namespace

ggml_backend_buffer_t allocate_weight_buffer(ggml_backend_buffer_type_t type, std::size_t bytes,
                                             UsageCounters& counters) {
  void* const begin =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (begin == MAP_FAILED) return nullptr;
  constexpr std::size_t kWorthHugePages = std::size_t{4} << 20U;
  // Only a wish: without it everything works, a little slower.
  if (bytes >= kWorthHugePages) madvise(begin, bytes, MADV_HUGEPAGE);
  auto owned = std::make_unique<Pages>(begin, bytes, counters);
  return ggml_backend_buffer_init(type, kInterface, owned.release(), bytes);
}

std::size_t weight_buffer_bytes(const ggml_tensor& tensor) {
  const auto shape = PackedTensor::describe(tensor);
  return shape ? shape->packed_bytes() : ggml_nbytes(&tensor);
}

}  // namespace shimmy::kernels
