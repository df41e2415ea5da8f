#include "cli/diag.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "cli/cli_fixture.h"
#include "cli/diagnosis.h"
#include "cli/status.h"
#include "models/stores/store.h"
#include "support/planted_stores.h"

namespace shimmy::cli {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class DiagTest : public CliFixture {
 protected:
  Diagnosis healthy() {
    Diagnosis diagnosis;
    diagnosis.memory = {16'000'000'000, 8'000'000'000};
    diagnosis.catalog = services_.scan({});
    return diagnosis;
  }

  std::vector<std::string> problems(const Diagnosis& diagnosis) {
    std::vector<std::string> result;
    for (const Finding& finding : findings(diagnosis)) {
      EXPECT_NE(finding.remedy, "");
      result.push_back(finding.problem);
    }
    return result;
  }
};

TEST_F(DiagTest, FindsNothingWrongWithHealthyMachine) {
  add_model("a");
  EXPECT_THAT(problems(healthy()), IsEmpty());
  EXPECT_THAT(to_text(healthy()), HasSubstr("Nothing is wrong."));
}

TEST_F(DiagTest, NamesMissingModels) {
  EXPECT_THAT(problems(healthy()), ElementsAre("There is no model."));
}

TEST_F(DiagTest, NamesBrokenFiles) {
  add_model("a");
  const std::string path = temp_.write("bad.gguf", "\xff\xd8\xff").string();
  EXPECT_THAT(problems(healthy()),
              ElementsAre(AllOf(StartsWith(path + " cannot be used"), HasSubstr("JPEG"))));
}

TEST_F(DiagTest, LeavesTheStoresOfOthersToThem) {
  add_model("a");
  support::plant_file(
      temp_.path() / "home/.ollama/models/manifests/registry.ollama.ai/library/bad/latest", "{");
  environment_["HOME"] = temp_.path() / "home";
  Diagnosis diagnosis = healthy();
  std::vector<models::ModelDir> dirs =
      models::stores::store_dirs({models::stores::System::Linux, services_.environment});
  dirs.push_back({temp_.path(), "test"});
  diagnosis.catalog = models::Catalog::scan(dirs);
  const std::vector<Finding> found = findings(diagnosis);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0].problem, HasSubstr("not valid JSON"));
  EXPECT_EQ(found[0].remedy,
            "Get bad:latest again with the program that keeps it (ollama), or remove it there.");
}

TEST_F(DiagTest, NamesTakenPortAndItsOwner) {
  add_model("a");
  Diagnosis diagnosis = healthy();
  diagnosis.port_is_free = false;
  diagnosis.port_owner = "ollama (pid 7)";
  EXPECT_THAT(problems(diagnosis), ElementsAre("Port 11435 is taken by ollama (pid 7)."));
}

TEST_F(DiagTest, NamesMissingCpuFeatures) {
  add_model("a");
  Diagnosis diagnosis = healthy();
  diagnosis.missing_cpu_features = "AVX2";
  EXPECT_THAT(problems(diagnosis), ElementsAre(HasSubstr("AVX2")));
}

TEST_F(DiagTest, NamesModelLargerThanMemory) {
  add_model("a");
  Diagnosis diagnosis = healthy();
  diagnosis.memory.total_bytes = 10;
  EXPECT_THAT(problems(diagnosis), ElementsAre(HasSubstr("larger than this machine's memory")));
}

TEST_F(DiagTest, NamesMissingDirectoryThatWasAskedFor) {
  add_model("a");
  Diagnosis diagnosis = healthy();
  diagnosis.catalog = models::Catalog::scan(std::vector<models::ModelDir>{
      {temp_.path(), "--model-dir"}, {"/nowhere/x", "--model-dir"}, {"/nowhere/y", "./models"}});
  EXPECT_THAT(problems(diagnosis), ElementsAre("The directory /nowhere/x does not exist."));
}

TEST_F(DiagTest, PrintsTextForPeople) {
  add_model("a");
  EXPECT_EQ(diag({}, terminal_, services_), 0);
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("llama.cpp"), HasSubstr("usable core"), HasSubstr("A fast one"),
                    HasSubstr("1 model (test)"), HasSubstr("11435")));
}

TEST_F(DiagTest, PrintsJsonForPrograms) {
  DiagOptions options;
  options.json = true;
  EXPECT_EQ(diag(options, terminal_, services_), 0);
  const auto object = boost::json::parse(out_.str()).as_object();
  EXPECT_EQ(object.at("devices").at(0).at("kind").as_string(), "cpu");
  EXPECT_EQ(object.at("model_dirs").at(0).at("models").to_number<int>(), 0);
  EXPECT_GE(object.at("cpu").at("usable_cores").to_number<int>(), 1);
  EXPECT_EQ(object.at("problems").at(0).at("problem").as_string(), "There is no model.");
}

TEST(InferenceFeatures, PicksWhatMatters) {
  EXPECT_THAT(inference_features(" fpu avx2 avx512_vnni avx_foo"),
              ElementsAre("AVX2", "AVX512-VNNI"));
  EXPECT_THAT(inference_features(""), IsEmpty());
}

class StatusTest : public CliFixture {};

TEST_F(StatusTest, ShowsModelsAndNextSteps) {
  add_model("a");
  EXPECT_EQ(status(terminal_, services_), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("Models  a\n"), HasSubstr("shimmy generate -p"),
                                HasSubstr("shimmy serve")));
}

TEST_F(StatusTest, NamesModelWhereThereAreSeveral) {
  for (const char* name : {"a", "b", "c", "d"}) add_model(name);
  EXPECT_EQ(status(terminal_, services_), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("a, b, c and 1 more"), HasSubstr("generate a -p")));
}

TEST_F(StatusTest, SaysHowToGetModel) {
  EXPECT_EQ(status(terminal_, services_), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("none yet"), HasSubstr("shimmy pull")));
}

}  // namespace
}  // namespace shimmy::cli
