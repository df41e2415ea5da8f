#include "models/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "support/temp_dir.h"

namespace shimmy::models {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A stand-in for GGUF: the file's text says what it is.
base::Result<FileFacts> read(const fs::path& file) {
  std::ifstream stream(file);
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  if (text == "broken") {
    return base::fail(ErrorCode::ModelLoadFailed, "{} is not a GGUF file.", file.string());
  }
  FileFacts facts;
  if (text == "projector") {
    facts.kind = FileKind::Companion;
    facts.kind_word = "an image projector";
  }
  facts.parameters = 1;
  return facts;
}

class CatalogTest : public testing::Test {
 protected:
  Catalog scan(std::vector<std::string> folders = {""}) {
    std::vector<ModelDir> dirs;
    for (const std::string& folder : folders) dirs.push_back({temp_.path() / folder, "test"});
    return Catalog::scan(dirs, read);
  }

  static std::vector<std::string> names(const Catalog& catalog) {
    std::vector<std::string> result;
    for (const ModelEntry& entry : catalog.entries()) result.push_back(entry.name);
    return result;
  }

  static std::string message(const base::Result<ModelEntry>& result) {
    return result ? "found " + result->name : result.error().message;
  }

  const support::TempDir temp_;
};

TEST_F(CatalogTest, ListsModelsByName) {
  temp_.write("b.gguf", "model");
  temp_.write("a.gguf", "model");
  const Catalog catalog = scan();
  EXPECT_THAT(names(catalog), ElementsAre("a", "b"));
  EXPECT_EQ(catalog.entries().front().source, "test");
  EXPECT_EQ(catalog.dirs().front().models, 2U);
}

TEST_F(CatalogTest, LeavesCompanionsOut) {
  temp_.write("mmproj.gguf", "projector");
  temp_.write("a.gguf", "model");
  EXPECT_THAT(names(scan()), ElementsAre("a"));
}

TEST_F(CatalogTest, KeepsBrokenFilesApartWithTheirReason) {
  temp_.write("bad.gguf", "broken");
  const Catalog catalog = scan();
  EXPECT_THAT(catalog.entries(), IsEmpty());
  ASSERT_EQ(catalog.broken().size(), 1U);
  EXPECT_EQ(catalog.broken()[0].name, "bad");
  EXPECT_THAT(catalog.broken()[0].reason, HasSubstr("not a GGUF file"));
  EXPECT_EQ(catalog.dirs().front().broken, 1U);
}

TEST_F(CatalogTest, FoldsShardsIntoOneModel) {
  temp_.write("big-00001-of-00002.gguf", "model");
  temp_.write("big-00002-of-00002.gguf", "model");
  const Catalog catalog = scan();
  EXPECT_THAT(names(catalog), ElementsAre("big"));
  EXPECT_EQ(catalog.entries()[0].parameters, 2U);
}

TEST_F(CatalogTest, ReportsIncompleteShardsOnce) {
  temp_.write("big-00001-of-00003.gguf", "model");
  temp_.write("big-00003-of-00003.gguf", "model");
  const Catalog catalog = scan();
  EXPECT_THAT(catalog.entries(), IsEmpty());
  ASSERT_EQ(catalog.broken().size(), 1U);
  EXPECT_EQ(catalog.broken()[0].name, "big");
  EXPECT_THAT(catalog.broken()[0].reason, HasSubstr("big-00002-of-00003.gguf is missing"));
}

TEST_F(CatalogTest, TakesFileThatIsReachedTwiceOnce) {
  temp_.write("one/a.gguf", "model");
  fs::create_directory(temp_.path() / "two");
  fs::create_symlink(temp_.path() / "one/a.gguf", temp_.path() / "two/b.gguf");
  EXPECT_THAT(names(scan({"one", "", "two"})), ElementsAre("a"));
}

TEST_F(CatalogTest, TellsFilesOfOneNameApart) {
  temp_.write("home/a.gguf", "model");
  temp_.write("work/a.gguf", "model");
  const Catalog catalog = scan({"home", "work"});
  EXPECT_THAT(names(catalog), ElementsAre("a@home", "a@work"));
  const auto home = catalog.find("A@Home");
  ASSERT_TRUE(home);
  EXPECT_EQ(home->path, temp_.path() / "home/a.gguf");
}

TEST_F(CatalogTest, AnswersAmbiguousNameWithTheCandidates) {
  temp_.write("home/a.gguf", "model");
  temp_.write("work/a.gguf", "model");
  const auto found = scan().find("a");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::InvalidRequest);
  EXPECT_THAT(found.error().message, HasSubstr("a@home, a@work"));
}

TEST_F(CatalogTest, PrefersExactLetterCase) {
  temp_.write("Phi.gguf", "model");
  temp_.write("phi.gguf", "model");
  const Catalog catalog = scan();
  EXPECT_EQ(message(catalog.find("phi")), "found phi");
  EXPECT_EQ(message(catalog.find("Phi")), "found Phi");
  EXPECT_THAT(message(catalog.find("PHI")), HasSubstr("Phi, phi"));
}

TEST_F(CatalogTest, IgnoresLetterCaseOtherwise) {
  temp_.write("SmolLM2.gguf", "model");
  EXPECT_EQ(message(scan().find("smollm2")), "found SmolLM2");
}

TEST_F(CatalogTest, SuggestsNearNames) {
  temp_.write("smollm2.gguf", "model");
  temp_.write("other.gguf", "model");
  const auto found = scan().find("smolm2");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::ModelNotFound);
  EXPECT_THAT(found.error().message, HasSubstr("Did you mean smollm2?"));
}

TEST_F(CatalogTest, ListsWhatThereIsWhenNothingIsNear) {
  for (const char* name : {"m1", "m2", "m3", "m4", "m5", "m6", "m7"}) {
    temp_.write(std::string(name) + ".gguf", "model");
  }
  EXPECT_THAT(message(scan().find("zzzzzzzz")), HasSubstr("m1, m2, m3, m4, m5 and 2 more"));
}

TEST_F(CatalogTest, SaysWhatToDoWhenThereAreNoModels) {
  fs::create_directory(temp_.path() / "empty");
  const auto found = scan({"empty", "missing"}).find("a");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::ModelNotFound);
  EXPECT_THAT(found.error().message, AllOf(HasSubstr("no models were found"),
                                           HasSubstr("shimmy pull"), HasSubstr("--model-dir")));
  EXPECT_THAT(found.error().details,
              AllOf(HasSubstr("empty (no models)"), HasSubstr("missing (does not exist)")));
}

TEST_F(CatalogTest, AnswersBrokenModelWithItsReason) {
  temp_.write("bad.gguf", "broken");
  const auto found = scan().find("bad");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::ModelLoadFailed);
  EXPECT_THAT(found.error().message, HasSubstr("not a GGUF file"));
}

TEST_F(CatalogTest, NeverFindsByPath) {
  const fs::path file = temp_.write("a.gguf", "model");
  EXPECT_FALSE(scan({"elsewhere"}).find(file.string()));
}

TEST_F(CatalogTest, ResolvesPathOutsideOfItsDirectories) {
  const fs::path file = temp_.write("far/a.gguf", "model");
  const auto found = scan({"near"}).resolve(file.string(), read);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->name, "a");
  EXPECT_EQ(found->source, "path");
}

TEST_F(CatalogTest, ResolvesFileNameAsName) {
  temp_.write("a.gguf", "model");
  EXPECT_EQ(message(scan().resolve("a.gguf", read)), "found a");
}

TEST_F(CatalogTest, TakesRepositoriesForNames) {
  temp_.write("tiny.gguf", "model");
  EXPECT_THAT(message(scan().resolve("org/tiny-GGUF:Q4_0", read)), HasSubstr("There is no model"));
}

TEST_F(CatalogTest, ForgivesLatestBehindAName) {
  temp_.write("a.gguf", "model");
  temp_.write("bad.gguf", "broken");
  EXPECT_EQ(message(scan().find("a:latest")), "found a");
  EXPECT_THAT(message(scan().find("bad:latest")), HasSubstr("cannot be used"));
}

TEST_F(CatalogTest, KnowsModelsByTheirShortForms) {
  temp_.write("phi-4-Q4_0.gguf", "model");
  const Catalog catalog = scan();
  EXPECT_THAT(catalog.entries()[0].aliases, ElementsAre("phi-4", "phi-4:Q4_0"));
  EXPECT_EQ(message(catalog.find("PHI-4:q4_0")), "found phi-4-Q4_0");
}

TEST_F(CatalogTest, RefusesToResolveUselessPaths) {
  const Catalog catalog = scan();
  EXPECT_THAT(message(catalog.resolve(temp_.path().string(), read)), HasSubstr("is a directory"));
  EXPECT_THAT(message(catalog.resolve(temp_.write("p.gguf", "projector").string(), read)),
              HasSubstr("is an image projector and cannot generate"));
  EXPECT_THAT(message(catalog.resolve(temp_.write("photo.gguf", "broken").string(), read)),
              HasSubstr("not a GGUF file"));
  EXPECT_THAT(message(catalog.resolve("/nowhere/a.gguf", read)),
              HasSubstr("There is no file /nowhere/a.gguf"));
}

}  // namespace
}  // namespace shimmy::models
