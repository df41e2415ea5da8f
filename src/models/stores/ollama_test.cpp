#include "models/stores/ollama.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/planted_stores.h"
#include "support/temp_dir.h"

namespace shimmy::models::stores {
namespace {

namespace fs = std::filesystem;
using support::plant_ollama_model;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kModel = "application/vnd.ollama.image.model";
const std::string kParameters = "application/vnd.ollama.image.params";
const std::string kSystem = "application/vnd.ollama.image.system";
const std::string kTemplate = "application/vnd.ollama.image.template";
const std::string kProjector = "application/vnd.ollama.image.projector";
const std::string kAdapter = "application/vnd.ollama.image.adapter";
const std::string kQwen = "registry.ollama.ai/library/qwen3/14b";

class OllamaTest : public testing::Test {
 protected:
  StoreContents find() const { return ollama_store().find(temp_.path()); }

  FoundFile only_file() const {
    StoreContents contents = find();
    EXPECT_EQ(contents.files.size(), 1U);
    return contents.files.empty() ? FoundFile{} : std::move(contents.files.front());
  }

  // A manifest that must be broken; the reason.
  std::string reason(std::string_view manifest) const {
    support::plant_file(temp_.path() / "manifests" / kQwen, manifest);
    const StoreContents contents = find();
    EXPECT_THAT(contents.files, IsEmpty());
    EXPECT_EQ(contents.broken.size(), 1U);
    return contents.broken.empty() ? "" : contents.broken.front().reason;
  }

  const support::TempDir temp_;
};

TEST_F(OllamaTest, NamesAsItsUsersDo) {
  plant_ollama_model(temp_.path(), kQwen, {{kModel, "weights"}});
  const FoundFile file = only_file();
  EXPECT_EQ(file.name, "qwen3:14b");
  EXPECT_THAT(file.aliases,
              ElementsAre("registry.ollama.ai/library/qwen3:14b", "library/qwen3:14b"));
  EXPECT_TRUE(fs::is_regular_file(file.path));
}

TEST_F(OllamaTest, TakesEveryLayer) {
  plant_ollama_model(temp_.path(), kQwen,
                     {{kModel, "weights"},
                      {kTemplate, "{{ .System }}<|im_start|>"},
                      {kSystem, "You are brief."},
                      {kParameters, R"({"stop":["<a>","<b>"],"temperature":0.5,"num_ctx":4096})"},
                      {kProjector, "eyes"},
                      {kAdapter, "one"},
                      {kAdapter, "two"},
                      {"application/vnd.ollama.image.license", "MIT"}});
  const FoundFile file = only_file();
  EXPECT_EQ(file.defaults.system, "You are brief.");
  EXPECT_EQ(file.defaults.temperature, 0.5F);
  EXPECT_EQ(file.defaults.load.context_tokens, 4096U);
  EXPECT_THAT(file.defaults.stop, ElementsAre("<a>", "<b>"));
  EXPECT_EQ(file.family, "chatml");
  EXPECT_TRUE(file.defaults.chat_template.empty());
  EXPECT_TRUE(fs::exists(file.projector));
  ASSERT_EQ(file.adapters.size(), 2U);
  EXPECT_TRUE(fs::exists(file.adapters[0]));
  EXPECT_NE(file.adapters[0], file.adapters[1]);
}

TEST_F(OllamaTest, KnowsBlobsWithAColonInTheirNames) {
  plant_ollama_model(temp_.path(), kQwen, {{kModel, "weights"}});
  const fs::path blob = only_file().path;
  const std::string digits = blob.filename().string().substr(7);
  fs::rename(blob, blob.parent_path() / ("sha256:" + digits));
  EXPECT_EQ(only_file().path.filename(), "sha256:" + digits);
}

TEST_F(OllamaTest, NeverLeavesItsDirectoryForABlob) {
  for (const std::string digest : {"sha256:../../../../etc/passwd", "../../etc/passwd",
                                   "sha256:", "md5:00", "sha256:/etc/passwd", "sha256:00\\u0000"}) {
    EXPECT_THAT(
        reason(R"({"layers":[{"mediaType":")" + kModel + R"(","digest":")" + digest + "\"}]}"),
        HasSubstr("no SHA-256 digest"))
        << digest;
  }
}

TEST_F(OllamaTest, SaysWhatIsWrongWithAManifest) {
  EXPECT_THAT(reason("{"), HasSubstr("is not valid JSON"));
  EXPECT_THAT(reason(""), HasSubstr("is not valid JSON"));
  EXPECT_THAT(reason("[]"), HasSubstr("no list of layers"));
  EXPECT_THAT(reason(R"({"layers":7})"), HasSubstr("no list of layers"));
  EXPECT_THAT(reason(R"({"layers":[]})"), HasSubstr("names no GGUF file"));
  EXPECT_THAT(reason(R"({"layers":[7]})"), HasSubstr("no SHA-256 digest"));
  EXPECT_THAT(reason(std::string(2 << 20, ' ')), HasSubstr("is larger"));
  EXPECT_THAT(reason(std::string(100'000, '[')), HasSubstr("is not valid JSON"));
}

TEST_F(OllamaTest, NamesTheBrokenModel) {
  support::plant_file(temp_.path() / "manifests" / kQwen, "{");
  const StoreContents contents = find();
  ASSERT_EQ(contents.broken.size(), 1U);
  EXPECT_EQ(contents.broken[0].name, "qwen3:14b");
  EXPECT_THAT(contents.broken[0].reason, HasSubstr("qwen3/14b"));
}

TEST_F(OllamaTest, ReportsUnreadableLayer) {
  const fs::path manifest =
      plant_ollama_model(temp_.path(), kQwen, {{kModel, "weights"}, {kParameters, "not json"}});
  const StoreContents contents = find();
  ASSERT_EQ(contents.broken.size(), 1U);
  EXPECT_THAT(contents.broken[0].reason, AllOf(HasSubstr("blobs"), HasSubstr("not valid JSON")));
}

TEST_F(OllamaTest, SurvivesPipesLoopsAndStrangeDepths) {
  plant_ollama_model(temp_.path(), kQwen, {{kModel, "weights"}});
  const fs::path manifests = temp_.path() / "manifests";
  const fs::path library = manifests / "registry.ollama.ai/library";
  ASSERT_EQ(mkfifo((library / "qwen3/pipe").c_str(), 0600), 0);
  fs::create_directory_symlink("../..", library / "loop");
  support::plant_file(manifests / "file", "{");
  support::plant_file(library / "qwen3/deep/er/file", "{");
  support::plant_file(library / "qwen3/.DS_Store", "{");
  const StoreContents contents = find();
  EXPECT_EQ(contents.files.size(), 1U);
  EXPECT_THAT(contents.broken, IsEmpty());
}

TEST_F(OllamaTest, BoundsTheNumberOfEntries) {
  const fs::path library = temp_.path() / "manifests/registry.ollama.ai/library/m";
  fs::create_directories(library);
  for (int i = 0; i < 10'050; ++i) {
    support::plant_file(library / std::to_string(i), "");
  }
  const StoreContents contents = find();
  EXPECT_LE(contents.broken.size(), 10'000U);
  EXPECT_THAT(contents.problems, ElementsAre(HasSubstr("after 10000 entries")));
}

TEST_F(OllamaTest, TakesMissingStoreAsEmpty) {
  const StoreContents contents = ollama_store().find(temp_.path() / "nothing");
  EXPECT_THAT(contents.files, IsEmpty());
  EXPECT_THAT(contents.problems, IsEmpty());
}

}  // namespace
}  // namespace shimmy::models::stores
