#include "cli/discover.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "cli/cli_fixture.h"
#include "models/model_search.h"
#include "models/stores/store.h"
#include "support/planted_stores.h"

namespace shimmy::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class DiscoverTest : public CliFixture {
 protected:
  DiscoverTest() {
    services_.scan = [this](std::span<const std::string>) {
      const models::stores::Machine machine{models::stores::System::Linux, services_.environment};
      std::vector<models::ModelDir> dirs = models::stores::store_dirs(machine);
      dirs.push_back({temp_.path() / "plain", "test"});
      return models::ModelSearch(temp_.path() / "cache/headers").scan(dirs);
    };
    environment_["HOME"] = temp_.path() / "home";
    temp_.write("plain/a.gguf", support::small_model().bytes());
  }

  std::string run() {
    out_.str("");
    EXPECT_EQ(discover(options_, terminal_, services_), 0);
    return out_.str();
  }

  void plant_ollama() const {
    support::plant_ollama_model(temp_.path() / "home/.ollama/models",
                                "registry.ollama.ai/library/qwen3/14b",
                                {{"application/vnd.ollama.image.model", support::planted_model()}});
  }

  DiscoverOptions options_;
};

TEST_F(DiscoverTest, SaysWhatEachStoreHas) {
  plant_ollama();
  EXPECT_THAT(run(), AllOf(HasSubstr("qwen3:14b"), HasSubstr("ollama"),
                           HasSubstr("home/.ollama/models"), HasSubstr("chat")));
}

TEST_F(DiscoverTest, MarksWhatIsNewSinceTheLastLook) {
  EXPECT_THAT(run(), HasSubstr("  new"));
  EXPECT_THAT(run(), Not(HasSubstr("  new")));
  plant_ollama();
  options_.json = true;
  const auto object = boost::json::parse(run()).as_object();
  EXPECT_EQ(object.at("models").at(0).at("name"), "a");
  EXPECT_EQ(object.at("models").at(0).at("new"), false);
  EXPECT_EQ(object.at("models").at(1).at("name"), "qwen3:14b");
  EXPECT_EQ(object.at("models").at(1).at("new"), true);
  EXPECT_EQ(object.at("stores").at(0).at("source"), "ollama");
  EXPECT_EQ(object.at("stores").at(0).at("new"), 1);
}

TEST_F(DiscoverTest, SaysWhatIsBrokenAndWhy) {
  support::plant_file(
      temp_.path() / "home/.ollama/models/manifests/registry.ollama.ai/library/bad/latest", "{");
  temp_.write("plain/photo.gguf", "\xff\xd8\xff");
  EXPECT_THAT(run(), AllOf(HasSubstr("bad:latest (ollama): "), HasSubstr("not valid JSON"),
                           HasSubstr("photo (test): "), HasSubstr("JPEG")));
  options_.json = true;
  EXPECT_EQ(boost::json::parse(run()).at("broken").as_array().size(), 2U);
}

TEST_F(DiscoverTest, LeavesOutWhatCannotGenerateOnRequest) {
  support::GgufWriter encoder;
  encoder.text("general.architecture", "bert").u32("bert.pooling_type", 1);
  encoder.u32("bert.context_length", 512).u32("bert.embedding_length", 64);
  encoder.u32("bert.block_count", 1).u32("bert.attention.head_count", 4);
  encoder.u32("tokenizer.ggml.bos_token_id", 0).u32("tokenizer.ggml.eos_token_id", 1);
  encoder.text("tokenizer.ggml.model", "bert").texts("tokenizer.ggml.tokens", {"[PAD]", "a"});
  encoder.tensor("token_embd.weight", {64, 2}, support::kF32, std::string(512, '\1'));
  temp_.write("plain/encoder.gguf", encoder.bytes());
  EXPECT_THAT(run(), HasSubstr("encoder"));
  options_.llm_only = true;
  EXPECT_THAT(run(), Not(HasSubstr("encoder")));
}

TEST_F(DiscoverTest, EscapesControlCharacters) {
  temp_.write("plain/evil\x1b[2J\n.gguf", support::small_model().bytes());
  EXPECT_THAT(run(), AllOf(HasSubstr("evil\\x1b[2J\\n"), Not(HasSubstr("\x1b"))));
}

TEST_F(DiscoverTest, SaysWhatToDoWithoutModels) {
  std::filesystem::remove(temp_.path() / "plain/a.gguf");
  EXPECT_THAT(run(), HasSubstr("test"));
  EXPECT_THAT(err_.str(), HasSubstr("No models were found."));
}

}  // namespace
}  // namespace shimmy::cli
