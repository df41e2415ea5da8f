// LoRA adapters that a model is loaded with.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "llama/context.h"
#include "llama/shared_model_fixture.h"
#include "support/gguf_writer.h"
#include "support/temp_dir.h"
#include "support/tiny_model.h"

namespace shimmy::llama {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t kWidth = 64;  // of the tiny model
constexpr std::uint64_t kRank = 4;

std::string floats(std::size_t count, float value) {
  const std::vector<float> values(count, value);
  return {reinterpret_cast<const char*>(values.data()), count * sizeof(float)};
}

// Adds `strength` times a constant matrix to the first layer's queries.
std::string adapter(float strength, std::uint64_t width = kWidth) {
  support::GgufWriter writer;
  writer.text("general.architecture", "llama")
      .text("general.type", "adapter")
      .text("adapter.type", "lora")
      .f32("adapter.lora.alpha", static_cast<float>(kRank));
  writer.tensor("blk.0.attn_q.weight.lora_a", {width, kRank}, support::kF32,
                floats(width * kRank, strength));
  writer.tensor("blk.0.attn_q.weight.lora_b", {kRank, width}, support::kF32,
                floats(kRank * width, 1.0F));
  return writer.bytes();
}

class AdapterTest : public testing::Test {
 protected:
  void SetUp() override { shared_model(); }

  std::vector<float> logits(const std::vector<std::filesystem::path>& adapters) {
    ModelOptions options;
    options.adapters = adapters;
    const auto model = Model::load(path_, options);
    if (!model) {
      ADD_FAILURE() << model.error().message;
      return {};
    }
    const auto context = Context::create(*model, nullptr, {});
    EXPECT_EQ((*context)->decode(prompt_batch(some_tokens(8))), DecodeStatus::Done);
    const auto row = (*context)->logits(7);
    return {row.begin(), row.end()};
  }

  std::filesystem::path write(const std::string& name, const std::string& bytes) {
    temp_.write(name, bytes);
    return temp_.path() / name;
  }

  const support::TempDir temp_;
  const std::filesystem::path path_ = support::write_tiny_model(temp_.path());
};

TEST_F(AdapterTest, ChangesWhatTheModelSays) {
  const auto plain = logits({});
  EXPECT_NE(logits({write("strong.gguf", adapter(1.0F))}), plain);
  EXPECT_EQ(logits({write("none.gguf", adapter(0.0F))}), plain);
}

TEST_F(AdapterTest, IsRefusedWhereItDoesNotFit) {
  ModelOptions options;
  options.adapters = {write("wide.gguf", adapter(1.0F, 2 * kWidth))};
  const auto model = Model::load(path_, options);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, base::ErrorCode::ModelLoadFailed);
  EXPECT_THAT(model.error().message, HasSubstr("wide.gguf"));
}

}  // namespace
}  // namespace shimmy::llama
