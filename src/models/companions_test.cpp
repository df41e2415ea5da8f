#include "models/companions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shimmy::models {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Grouped model(const std::string& path, const std::string& base_name, std::uint64_t size = 64) {
  Grouped result{path, "/group", {}};
  result.facts.architecture = "llama";
  result.facts.base_name = base_name;
  result.facts.embedding_size = size;
  return result;
}

Grouped projector(const std::string& path, const std::string& base_name, std::uint64_t size = 64,
                  const std::string& quantization = "F16") {
  Grouped result{path, "/group", {}};
  result.facts.kind = FileKind::Projector;
  result.facts.architecture = "clip";
  result.facts.base_name = base_name;
  result.facts.embedding_size = size;
  result.facts.quantization = quantization;
  return result;
}

Grouped adapter(const std::string& path, const std::string& base_name,
                const std::string& architecture = "llama") {
  Grouped result{path, "/group", {}};
  result.facts.kind = FileKind::Adapter;
  result.facts.architecture = architecture;
  result.facts.base_name = base_name;
  return result;
}

std::vector<ModelEntry> tie(const std::vector<Grouped>& models,
                            const std::vector<Grouped>& companions) {
  std::vector<ModelEntry> entries(models.size());
  tie_companions(entries, models, companions);
  return entries;
}

TEST(Companions, GoWithTheirModel) {
  const auto entries = tie({model("m", "gemma")}, {projector("p", "gemma"), adapter("a", "gemma")});
  EXPECT_EQ(entries[0].projector, "p");
  EXPECT_TRUE(entries[0].capabilities.vision);
  EXPECT_THAT(entries[0].adapters, ElementsAre("a"));
}

TEST(Companions, GoWithAllQuantizations) {
  const auto entries = tie({model("a", "gemma"), model("b", "gemma")}, {projector("p", "gemma")});
  EXPECT_EQ(entries[0].projector, "p");
  EXPECT_EQ(entries[1].projector, "p");
}

TEST(Companions, StayInTheirGroup) {
  Grouped far = projector("p", "gemma");
  far.group = "/elsewhere";
  const auto entries = tie({model("m", "gemma")}, {far});
  EXPECT_TRUE(entries[0].projector.empty());
  EXPECT_FALSE(entries[0].capabilities.vision);
}

TEST(Companions, OfAnotherBaseDoNotFit) {
  const auto entries = tie({model("m", "gemma")}, {projector("p", "qwen"), adapter("a", "qwen")});
  EXPECT_TRUE(entries[0].projector.empty());
  EXPECT_THAT(entries[0].adapters, IsEmpty());
}

TEST(Companions, AdaptersNeedTheArchitecture) {
  EXPECT_THAT(tie({model("m", "")}, {adapter("a", "", "qwen2")})[0].adapters, IsEmpty());
  EXPECT_THAT(tie({model("m", "")}, {adapter("a", "", "llama")})[0].adapters, ElementsAre("a"));
}

TEST(Companions, AdaptersNeedAnEqualBaseAmongSeveralKindsOfModels) {
  Grouped titled = model("titled", "");
  titled.facts.title = "Llama 3.2 1B";
  const auto entries =
      tie({titled, model("other", "mistral")}, {adapter("a", "llama-3.2-1b"), adapter("b", "")});
  EXPECT_THAT(entries[0].adapters, ElementsAre("a"));
  EXPECT_THAT(entries[1].adapters, IsEmpty());
}

TEST(Companions, AreToldBySizeAmongSeveralKindsOfModels) {
  const auto entries =
      tie({model("small", "", 64), model("large", "", 128)}, {projector("p", "", 128)});
  EXPECT_TRUE(entries[0].projector.empty());
  EXPECT_EQ(entries[1].projector, "p");
  EXPECT_TRUE(
      tie({model("a", "", 64), model("b", "", 128)}, {projector("p", "", 0)})[0].projector.empty());
}

TEST(Companions, OfUnknownSizeFitALoneKindOfModel) {
  EXPECT_EQ(tie({model("llava", "", 4096)}, {projector("p", "", 768)})[0].projector, "p");
}

TEST(Companions, PreferSixteenBits) {
  const auto entries =
      tie({model("m", "")}, {projector("1", "", 64, "F32"), projector("2", "", 64, "BF16"),
                             projector("3", "", 64, "F16"), projector("4", "", 64, "Q8_0")});
  EXPECT_EQ(entries[0].projector, "3");
}

TEST(Companions, DoNotOverruleTheStore) {
  std::vector<ModelEntry> entries(1);
  entries[0].projector = "own";
  entries[0].adapters = {"own adapter"};
  const std::vector<Grouped> models{model("m", "")};
  const std::vector<Grouped> companions{projector("p", ""), adapter("a", "")};
  tie_companions(entries, models, companions);
  EXPECT_EQ(entries[0].projector, "own");
  EXPECT_THAT(entries[0].adapters, ElementsAre("own adapter"));
  EXPECT_TRUE(entries[0].capabilities.vision);
}

}  // namespace
}  // namespace shimmy::models
