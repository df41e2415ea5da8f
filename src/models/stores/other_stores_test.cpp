#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/stores/docker_models.h"
#include "models/stores/gpt4all.h"
#include "models/stores/jan.h"
#include "models/stores/llama_cpp_cache.h"
#include "models/stores/lm_studio.h"
#include "models/stores/text_generation_webui.h"
#include "support/planted_stores.h"
#include "support/temp_dir.h"

namespace shimmy::models::stores {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;

class OtherStoresTest : public testing::Test {
 protected:
  std::vector<std::string> names(const Store& store) const {
    std::vector<std::string> result;
    for (const FoundFile& file : store.find(temp_.path()).files) result.push_back(file.name);
    return result;
  }

  FoundFile only_file(const Store& store) const {
    StoreContents contents = store.find(temp_.path());
    EXPECT_EQ(contents.files.size(), 1U);
    return contents.files.empty() ? FoundFile{} : std::move(contents.files.front());
  }

  std::string only_problem(const Store& store) const {
    const StoreContents contents = store.find(temp_.path());
    EXPECT_THAT(contents.files, IsEmpty());
    return contents.problems.size() == 1 ? contents.problems.front() : "";
  }

  const support::TempDir temp_;
};

TEST_F(OtherStoresTest, AreEmptyWhereThereIsNothing) {
  for (const Store& store : stores()) {
    const StoreContents contents = store.find(temp_.path() / "nothing");
    EXPECT_THAT(contents.files, IsEmpty()) << store.name;
    EXPECT_THAT(contents.broken, IsEmpty()) << store.name;
    EXPECT_THAT(contents.problems, IsEmpty()) << store.name;
  }
}

TEST_F(OtherStoresTest, LmStudioKnowsFileVariantAndRepository) {
  temp_.write("lmstudio-community/Qwen3-4B-GGUF/Qwen3-4B-Q4_K_M.gguf", "x");
  const FoundFile file = only_file(lm_studio_store());
  EXPECT_EQ(file.name, "Qwen3-4B-Q4_K_M");
  EXPECT_THAT(file.aliases, ElementsAre("Qwen3-4B@Q4_K_M", "lmstudio-community/Qwen3-4B-GGUF",
                                        "lmstudio-community/Qwen3-4B-GGUF:Q4_K_M"));
  EXPECT_EQ(file.group, temp_.path() / "lmstudio-community/Qwen3-4B-GGUF");
}

TEST_F(OtherStoresTest, LlamaCppKnowsTheRepositoryByItsManifest) {
  temp_.write("manifest=my=odd_repo=Q4_0.json", "{}");
  temp_.write("my_odd_repo_the-model-Q4_0.gguf", "x");
  temp_.write("my_odd_repo_the-model-Q4_0.gguf.json", "{}");
  temp_.write("my_odd_repo_the-model-Q8_0.gguf.downloadInProgress", "x");
  const FoundFile file = only_file(llama_cpp_store());
  EXPECT_EQ(file.name, "my/odd_repo:Q4_0");
  EXPECT_THAT(file.aliases,
              IsSupersetOf({"my/odd_repo", "the-model-Q4_0", "my_odd_repo_the-model-Q4_0"}));
}

TEST_F(OtherStoresTest, LlamaCppGuessesTheRepositoryWithoutOne) {
  temp_.write("ggml-org_gemma-3-4b-it-GGUF_gemma-3-4b-it-Q4_K_M.gguf", "x");
  EXPECT_EQ(only_file(llama_cpp_store()).name, "ggml-org/gemma-3-4b-it-GGUF:Q4_K_M");
}

TEST_F(OtherStoresTest, LlamaCppTakesOtherFilesByTheirStems) {
  temp_.write("plain.gguf", "x");
  temp_.write("_gguf_.gguf", "x");
  temp_.write("manifest==.json", "{}");
  temp_.write("manifest=a=.json", "{}");
  EXPECT_THAT(names(llama_cpp_store()), ElementsAre("_gguf_", "plain"));
}

TEST_F(OtherStoresTest, LlamaCppTakesTheLongestRepositoryThatFits) {
  temp_.write("manifest=o=r=x.json", "{}");
  temp_.write("manifest=o=r_2=x.json", "{}");
  temp_.write("o_r_2_m-Q4_0.gguf", "x");
  EXPECT_THAT(names(llama_cpp_store()), ElementsAre("o/r_2:Q4_0"));
}

TEST_F(OtherStoresTest, JanNamesByDirectory) {
  temp_.write("llamacpp/models/unsloth/Qwen3-4B/model.gguf", "x");
  temp_.write("llamacpp/models/unsloth/Qwen3-4B/model.yml", "name: x");
  temp_.write("models/old-one/Phi-Q4_0.gguf", "x");
  temp_.write("logs/m.gguf", "x");
  EXPECT_THAT(names(jan_store()), ElementsAre("unsloth/Qwen3-4B", "Phi-Q4_0"));
  EXPECT_THAT(jan_store().find(temp_.path()).files[1].aliases, Contains("old-one"));
}

TEST_F(OtherStoresTest, Gpt4AllSkipsWhatIsStillDownloaded) {
  temp_.write("Llama-3-Q4_0.gguf", "x");
  temp_.write("incomplete-Phi.gguf", "x");
  temp_.write("localdocs_v3.db", "x");
  EXPECT_THAT(names(gpt4all_store()), ElementsAre("Llama-3-Q4_0"));
}

TEST_F(OtherStoresTest, TextGenerationWebuiKnowsFiles) {
  temp_.write("folder/Phi-Q4_0.gguf", "x");
  const FoundFile file = only_file(text_generation_webui_store());
  EXPECT_EQ(file.name, "Phi-Q4_0");
  EXPECT_THAT(file.aliases, ElementsAre("folder/Phi-Q4_0.gguf"));
}

constexpr const char* kWeights = "application/vnd.docker.ai.gguf.v3";

TEST_F(OtherStoresTest, DockerNamesByTag) {
  support::plant_docker_model(temp_.path(), {"ai/smollm2:latest", "docker.io/ai/smollm2:135M"},
                              {{kWeights, "weights"}});
  support::plant_docker_model(temp_.path(), {"ai/other:q4"}, {{kWeights, "others"}});
  EXPECT_THAT(names(docker_store()), ElementsAre("ai/other:q4", "ai/smollm2:135M"));
  const FoundFile file = docker_store().find(temp_.path()).files[1];
  EXPECT_THAT(file.aliases, ElementsAre("ai/smollm2:latest", "ai/smollm2"));
  EXPECT_TRUE(fs::exists(file.path));
}

TEST_F(OtherStoresTest, DockerTakesTemplateProjectorAndAdapter) {
  support::plant_docker_model(temp_.path(), {"a/b:c"},
                              {{kWeights, "weights"},
                               {"application/vnd.docker.ai.mmproj", "eyes"},
                               {"application/vnd.docker.ai.gguf.v3.lora", "tune"},
                               {"application/vnd.docker.ai.chat.template.jinja", "{{ m }}"},
                               {"application/vnd.docker.ai.license", "MIT"}});
  const FoundFile file = only_file(docker_store());
  EXPECT_EQ(file.defaults.chat_template, "{{ m }}");
  EXPECT_TRUE(fs::exists(file.projector));
  EXPECT_EQ(file.adapters.size(), 1U);
}

TEST_F(OtherStoresTest, DockerModelsWithoutTagHaveTheirId) {
  support::plant_docker_model(temp_.path(), {}, {{kWeights, "weights"}});
  EXPECT_EQ(only_file(docker_store()).name.size(), 12U);
}

TEST_F(OtherStoresTest, DockerModelsMayHaveSeveralFiles) {
  support::plant_docker_model(temp_.path(), {"a/b:c"},
                              {{kWeights, "1"}, {kWeights, "2"}, {kWeights, "3"}});
  const FoundFile file = only_file(docker_store());
  ASSERT_EQ(file.more_files.size(), 2U);
  EXPECT_TRUE(fs::exists(file.path) && fs::exists(file.more_files[0]));
  EXPECT_NE(file.path, file.more_files[0]);
  EXPECT_NE(file.more_files[0], file.more_files[1]);
}

TEST_F(OtherStoresTest, DockerModelsWithoutAGgufFileAreRefused) {
  support::plant_docker_model(temp_.path(), {"a/b:c"},
                              {{"application/vnd.docker.ai.safetensors", "1"}});
  const StoreContents contents = docker_store().find(temp_.path());
  ASSERT_EQ(contents.broken.size(), 1U);
  EXPECT_EQ(contents.broken[0].name, "a/b:c");
  EXPECT_THAT(contents.broken[0].reason, HasSubstr("names no GGUF file"));
}

TEST_F(OtherStoresTest, DockerSurvivesAnyIndex) {
  const fs::path index = temp_.path() / "models.json";
  support::plant_file(index, "{");
  EXPECT_THAT(only_problem(docker_store()), HasSubstr("not valid JSON"));
  support::plant_file(index, R"({"models":7})");
  EXPECT_THAT(only_problem(docker_store()), HasSubstr("no list of models"));
  support::plant_file(index, R"({"models":[{"id":"sha256:../../../etc/passwd"}]})");
  EXPECT_THAT(only_problem(docker_store()), HasSubstr("without a SHA-256 digest"));
  support::plant_file(index, R"({"models":[7,null,{"id":"x","tags":7}]})");
  EXPECT_THAT(docker_store().find(temp_.path()).files, IsEmpty());
}

TEST_F(OtherStoresTest, DockerNamesTheMissingManifest) {
  support::plant_docker_model(temp_.path(), {"a/b:c"}, {{kWeights, "1"}});
  fs::remove_all(temp_.path() / "manifests");
  const StoreContents contents = docker_store().find(temp_.path());
  ASSERT_EQ(contents.broken.size(), 1U);
  EXPECT_THAT(contents.broken[0].reason, HasSubstr("cannot be opened"));
}

}  // namespace
}  // namespace shimmy::models::stores
