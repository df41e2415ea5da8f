// What models take in libllama, against what their headers made us expect.
#include "pool/memory_estimate.h"

#include <ggml-backend.h>
#include <gtest/gtest.h>
#include <llama-ext.h>
#include <llama.h>

#include <cstdlib>
#include <memory>
#include <vector>

#include "app/kernel_use.h"
#include "support/gguf_writer.h"
#include "support/shape_file.h"
#include "support/temp_dir.h"

namespace shimmy::memory_test {
namespace {

using generation::EngineMemory;
using pool::MemoryPlan;
using support::Family;
using support::Shape;
using support::write_shape;

constexpr std::uint32_t kQ8 = support::kQ8_0;

double share(std::uint64_t value, std::uint64_t of) {
  return 100.0 * (static_cast<double>(value) / static_cast<double>(of) - 1.0);
}

// $SHIMMY_KERNELS says which kernels the whole program runs with.
kernels::Choice installed_kernels() {
  static const kernels::Choice installed = [] {
    const char* const word = std::getenv("SHIMMY_KERNELS");
    const kernels::Choice choice = app::parse_kernels(word == nullptr ? "auto" : word).value();
    if (const auto done = kernels::install(choice); !done)
      throw std::runtime_error(done.error().message);
    return choice;
  }();
  return installed;
}

// As our own contexts are made, see src/llama/context.cpp.
EngineMemory measure(const std::filesystem::path& path, const MemoryPlan& plan) {
  llama_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
  llama_model_params model_values = llama_model_default_params();
  model_values.load_mode = plan.mmap ? LLAMA_LOAD_MODE_MMAP : LLAMA_LOAD_MODE_NONE;
  model_values.no_alloc = !plan.mmap;  // large ones need not be read to be measured
  const std::unique_ptr<llama_model, decltype(&llama_model_free)> model(
      llama_model_load_from_file(path.c_str(), model_values), llama_model_free);
  if (model == nullptr) throw std::runtime_error("libllama does not load " + path.string());
  llama_context_params values = llama_context_default_params();
  values.n_ctx = static_cast<std::uint32_t>(plan.context_tokens);
  values.n_batch = values.n_ubatch = static_cast<std::uint32_t>(plan.batch_rows);
  values.n_seq_max = values.n_outputs_max = static_cast<std::uint32_t>(plan.sequences);
  values.kv_unified = values.swa_full = true;
  if (plan.key_type == generation::CacheType::Q80) values.type_k = values.type_v = GGML_TYPE_Q8_0;
  const std::unique_ptr<llama_context, decltype(&llama_free)> context(
      llama_init_from_model(model.get(), values), llama_free);
  if (context == nullptr) throw std::runtime_error("libllama makes no context of " + path.string());
  EngineMemory memory;
  for (const auto& [type, bytes] : llama_get_memory_breakdown(context.get())) {
    memory.weights += bytes.model;
    memory.kv_cache += bytes.context;
    memory.compute += bytes.compute;
  }
  const llama_vocab* vocabulary = llama_model_get_vocab(model.get());
  memory.compute += static_cast<std::uint64_t>(llama_vocab_n_tokens(vocabulary)) * plan.sequences *
                    sizeof(float);  // of the logits, which it does not list
  return memory;
}

void expect_close(const std::string& name, const std::filesystem::path& path, MemoryPlan plan) {
  const auto shape =
      pool::read_memory_shape(std::vector{path}, app::packed_weights(installed_kernels()));
  ASSERT_TRUE(shape) << shape.error().message;
  const EngineMemory expected = pool::estimate(*shape, plan);
  plan.mmap = plan.mmap && pool::is_worth_mapping(*shape);
  const EngineMemory measured = measure(path, plan);
  std::printf(
      "%-14s %6zu tokens: weights %+6.2f %%, kv %+6.2f %%, compute %+6.2f %%, all %+6.2f %%\n",
      name.c_str(), plan.context_tokens, share(expected.weights, measured.weights),
      share(expected.kv_cache, measured.kv_cache), share(expected.compute, measured.compute),
      share(expected.total(), measured.total()));
  EXPECT_NEAR(share(expected.weights, measured.weights), 0, 0.5);
  EXPECT_NEAR(share(expected.kv_cache, measured.kv_cache), 0, 0.5);
  EXPECT_NEAR(share(expected.total(), measured.total()), 0, 5);
}

Shape llama(std::string name, std::uint32_t type) {
  return {.name = std::move(name),
          .type = type,
          .layers = 8,
          .embedding = 2048,
          .heads = 32,
          .kv_heads = 8,
          .feed_forward = 8192,
          .vocabulary = 128256};
}

std::vector<Shape> shapes() {
  std::vector<Shape> all{llama("llama-q8_0", kQ8), llama("llama-f16", support::kF16),
                         llama("llama-q4_K", support::kQ4_K), llama("llama-q4_0", support::kQ4_0)};
  all.push_back(llama("llama-untied", support::kQ4_0));
  all.back().tied = false;
  all.push_back({.name = "qwen3",
                 .family = Family::Qwen3,
                 .type = kQ8,
                 .layers = 28,
                 .kv_heads = 8,
                 .head_size = 128,
                 .feed_forward = 3072,
                 .vocabulary = 151936});
  all.push_back({.name = "gemma3",
                 .family = Family::Gemma3,
                 .type = kQ8,
                 .layers = 26,
                 .embedding = 1152,
                 .heads = 4,
                 .kv_heads = 1,
                 .head_size = 256,
                 .feed_forward = 6912,
                 .vocabulary = 262144,
                 .window = 512});
  all.push_back({.name = "gpt-oss",
                 .family = Family::GptOss,
                 .type = kQ8,
                 .embedding = 2880,
                 .heads = 64,
                 .kv_heads = 8,
                 .feed_forward = 2880,
                 .vocabulary = 201088,
                 .experts = 32,
                 .experts_used = 4,
                 .window = 128,
                 .tied = false});
  all.push_back({.name = "qwen3moe",
                 .family = Family::Qwen3Moe,
                 .type = kQ8,
                 .embedding = 2048,
                 .heads = 32,
                 .head_size = 128,
                 .feed_forward = 768,
                 .vocabulary = 151936,
                 .experts = 128,
                 .experts_used = 8,
                 .tied = false});
  all.push_back({.name = "mixtral",
                 .family = Family::Mixtral,
                 .type = support::kQ4_K,
                 .layers = 2,
                 .embedding = 4096,
                 .heads = 32,
                 .kv_heads = 8,
                 .head_size = 128,
                 .feed_forward = 14336,
                 .experts = 8,
                 .experts_used = 2,
                 .tied = false});
  all.push_back({.name = "deepseek2",
                 .family = Family::DeepSeek2,
                 .type = kQ8,
                 .embedding = 2048,
                 .kv_heads = 1,
                 .head_size = 128,
                 .feed_forward = 1408,
                 .vocabulary = 102400,
                 .experts = 64,
                 .experts_used = 6,
                 .tied = false});
  all.push_back({.name = "mamba",
                 .family = Family::Mamba,
                 .type = kQ8,
                 .layers = 24,
                 .embedding = 768,
                 .vocabulary = 50280,
                 .state = 16,
                 .inner = 1536});
  all.push_back({.name = "granite",
                 .family = Family::Granite,
                 .type = kQ8,
                 .layers = 8,
                 .embedding = 2048,
                 .heads = 32,
                 .kv_heads = 8,
                 .feed_forward = 8192,
                 .vocabulary = 100352,
                 .state = 128,
                 .inner = 4096});
  all.push_back({.name = "lfm2",
                 .family = Family::Lfm2,
                 .type = kQ8,
                 .layers = 8,
                 .kv_heads = 8,
                 .feed_forward = 4608,
                 .vocabulary = 65536});
  return all;
}

class EstimateTest : public testing::TestWithParam<Shape> {
 protected:
  const support::TempDir directory_;
  const std::filesystem::path file_ = write_shape(directory_.path(), GetParam());
};

TEST_P(EstimateTest, IsCloseToWhatLibllamaTakes) {
  expect_close(GetParam().name, file_, {.context_tokens = 2048});
}

TEST_P(EstimateTest, IsCloseForALongContextAndFewRows) {
  expect_close(GetParam().name, file_, {.context_tokens = 6000, .sequences = 2, .batch_rows = 128});
}

INSTANTIATE_TEST_SUITE_P(Shapes, EstimateTest, testing::ValuesIn(shapes()), [](const auto& test) {
  std::string name = test.param.name;
  std::erase_if(name, [](char c) { return c == '-' || c == '_'; });
  return name;
});

TEST(MemoryEstimate, IsCloseForAQuantisedCache) {
  const support::TempDir directory;
  const auto file = write_shape(directory.path(), llama("llama", kQ8));
  expect_close("q8_0 cache", file,
               {.context_tokens = 4096,
                .key_type = generation::CacheType::Q80,
                .value_type = generation::CacheType::Q80});
}

TEST(MemoryEstimate, IsCloseForTheDefaultModel) {
  const char* home = std::getenv("HOME");
  const std::filesystem::path file = std::filesystem::path(home == nullptr ? "" : home) /
                                     ".local/share/shimmy/models/SmolLM2-135M-Instruct.Q4_1.gguf";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "it is not on this machine";
  for (const std::size_t tokens : {2048U, 8192U}) {
    expect_close("SmolLM2-135M", file, {.context_tokens = tokens});
  }
}

}  // namespace
}  // namespace shimmy::memory_test
