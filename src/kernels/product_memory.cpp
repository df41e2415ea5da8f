#include "kernels/product_memory.h"

#include "kernels/product_plan.h"

namespace shimmy::kernels {
namespace {

std::size_t aligned(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

std::size_t values_of_column(const ProductGroup& group) {
  return static_cast<std::size_t>(group.products[0]->src[0]->ne[0]);
}

}  // namespace

ProductMemory::ProductMemory(const KernelSet& kernels, const ProductGroup& group)
    : plan(plan_bytes(*group.products[0])),
      normed(aligned(values_of_column(group) * sizeof(float))) {
  for (std::size_t i = 0; i < group.count; ++i) {
    results_of.at(i) = results;
    if (group.chains.at(i)) {
      const ggml_tensor& product = *group.products.at(i);
      results += aligned(static_cast<std::size_t>(ggml_nelements(&product)) * sizeof(float));
    }
    place_activations(kernels, group, i);
  }
}

void ProductMemory::place_activations(const KernelSet& kernels, const ProductGroup& group,
                                      std::size_t index) {
  const WeightKernel& kernel = kernels.of(group.factors.at(index).type);
  for (std::size_t before = 0; before < index; ++before) {
    if (kernels.of(group.factors.at(before).type).write_column != kernel.write_column) continue;
    activations_of.at(index) = activations_of.at(before);
    return;
  }
  activations_of.at(index) = activations;
  activations += aligned(planned_columns(*group.products[0]) * values_of_column(group) / kBlock *
                         kernel.activation_bytes);
}

}  // namespace shimmy::kernels
