#include "models/origin_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/catalog.h"
#include "support/gguf_writer.h"
#include "support/temp_dir.h"

namespace shimmy::models {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class OriginRecordTest : public testing::Test {
 protected:
  stores::FoundFile read(const std::string& record) {
    temp_.write("m.gguf.origin.json", record);
    stores::FoundFile file;
    file.path = temp_.path() / "m.gguf";
    add_origin(file);
    return file;
  }

  const support::TempDir temp_;
};

TEST_F(OriginRecordTest, GivesTheNamesThatWerePulled) {
  EXPECT_THAT(read(R"({"aliases":["qwen3:0.6b","library/qwen3:0.6b",7]})").aliases,
              ElementsAre("qwen3:0.6b", "library/qwen3:0.6b"));
}

TEST_F(OriginRecordTest, TakesWhatTheRegistrySays) {
  const stores::FoundFile file = read(
      R"({"texts":[{"kind":"system","text":"Be brief."},)"
      R"({"kind":"params","text":"{\"temperature\":0.25,\"stop\":[\"<|im_end|>\"]}"},)"
      R"({"kind":"template","text":"<|im_start|>{{ .Role }}"},{"kind":"license","text":"MIT"}]})");
  EXPECT_EQ(file.defaults.system, "Be brief.");
  EXPECT_EQ(file.defaults.temperature, 0.25F);
  EXPECT_THAT(file.defaults.stop, ElementsAre("<|im_end|>"));
  EXPECT_EQ(file.family, "chatml");
}

TEST_F(OriginRecordTest, IsNothingWhereItCannotBeUnderstood) {
  for (const char* record : {"", "[]", "{", R"({"aliases":{},"texts":[1,{"kind":"params"}]})"}) {
    const stores::FoundFile file = read(record);
    EXPECT_THAT(file.aliases, IsEmpty()) << record;
    EXPECT_EQ(file.defaults, ModelDefaults()) << record;
  }
}

TEST_F(OriginRecordTest, MakesAPulledModelKnownByItsName) {
  temp_.write("library/qwen3/qwen3-0.6b.gguf", support::small_model().bytes());
  temp_.write("library/qwen3/qwen3-0.6b.gguf.origin.json", R"({"aliases":["qwen3:0.6b"]})");
  const Catalog catalog = Catalog::scan(std::vector<ModelDir>{{temp_.path(), "user models"}});
  const auto found = catalog.find("qwen3:0.6b");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "qwen3-0.6b");
}

}  // namespace
}  // namespace shimmy::models
