#include "support/reference_embedding.h"

#include <llama.h>

#include <cmath>
#include <memory>
#include <stdexcept>

namespace shimmy::support {
namespace {

struct FreeModel {
  void operator()(llama_model* model) const { llama_model_free(model); }
};
struct FreeContext {
  void operator()(llama_context* context) const { llama_free(context); }
};

std::vector<float> embed(llama_model* model, std::vector<std::int32_t> tokens, int pooling) {
  const auto count = static_cast<std::uint32_t>(tokens.size());
  llama_context_params wanted = llama_context_default_params();
  wanted.n_ctx = count;
  wanted.n_batch = wanted.n_ubatch = count;
  wanted.n_threads = wanted.n_threads_batch = 1;
  wanted.embeddings = true;
  wanted.pooling_type = static_cast<enum llama_pooling_type>(pooling);
  const std::unique_ptr<llama_context, FreeContext> context(llama_init_from_model(model, wanted));
  if (!context) throw std::runtime_error("no context");
  llama_batch batch = llama_batch_get_one(tokens.data(), static_cast<std::int32_t>(count));
  std::vector<std::int8_t> outputs(tokens.size(), 1);
  batch.logits = outputs.data();
  if (llama_decode(context.get(), batch) != 0) throw std::runtime_error("the pass failed");
  const float* values = llama_get_embeddings_seq(context.get(), 0);
  if (values == nullptr) throw std::runtime_error("nothing was pooled");
  const bool is_rank = llama_pooling_type(context.get()) == LLAMA_POOLING_TYPE_RANK;
  const auto size = is_rank ? static_cast<std::int32_t>(llama_model_n_cls_out(model))
                            : llama_model_n_embd_out(model);
  return {values, values + size};
}

}  // namespace

std::vector<std::vector<float>> reference_embeddings(
    const std::filesystem::path& file, const std::vector<std::vector<std::int32_t>>& inputs,
    int pooling) {
  const std::unique_ptr<llama_model, FreeModel> model(
      llama_model_load_from_file(file.c_str(), llama_model_default_params()));
  if (!model) throw std::runtime_error("cannot load " + file.string());
  std::vector<std::vector<float>> vectors;
  for (const auto& tokens : inputs) vectors.push_back(embed(model.get(), tokens, pooling));
  return vectors;
}

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return 0;
  double product = 0;
  double a_square = 0;
  double b_square = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    product += static_cast<double>(a[i]) * b[i];
    a_square += static_cast<double>(a[i]) * a[i];
    b_square += static_cast<double>(b[i]) * b[i];
  }
  return product / std::sqrt(a_square * b_square);
}

}  // namespace shimmy::support
