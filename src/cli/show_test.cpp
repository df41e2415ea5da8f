#include "cli/show.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "cli/cli_fixture.h"
#include "cli/model_card.h"
#include "cli/model_json.h"

namespace shimmy::cli {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

class ShowTest : public CliFixture {
 protected:
  ShowTest() { add_model("tiny"); }

  int run() { return show(options_, terminal_, services_); }

  ShowOptions options_;
};

TEST_F(ShowTest, TellsWhatTheFileSays) {
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("name           tiny\n"), HasSubstr("path           /"),
                                HasSubstr("architecture   llama\n"),
                                HasSubstr("source         test\n"), HasSubstr("tensors        "),
                                HasSubstr("\ntemplate\n  "), HasSubstr("modified       20")));
  EXPECT_EQ(err_.str(), "");
}

TEST_F(ShowTest, PrintsJson) {
  options_.json = true;
  options_.model = "TINY";
  EXPECT_EQ(run(), 0);
  const auto object = boost::json::parse(out_.str()).as_object();
  EXPECT_EQ(object.at("name").as_string(), "tiny");
  EXPECT_EQ(object.at("architecture").as_string(), "llama");
  EXPECT_TRUE(object.at("tensors").is_object());
  EXPECT_FALSE(object.at("chat_template").as_string().empty());
}

TEST_F(ShowTest, PrintsTheTemplateAlone) {
  options_.chat_template = true;
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("{"), Not(HasSubstr("architecture"))));
  EXPECT_TRUE(out_.str().ends_with('\n'));
}

TEST_F(ShowTest, TakesAPath) {
  options_.model = (temp_.path() / "tiny.gguf").string();
  EXPECT_EQ(run(), 0);
}

TEST_F(ShowTest, FailsForAModelThatIsNotThere) {
  options_.model = "tinny";
  EXPECT_EQ(run(), 2);
  EXPECT_THAT(err_.str(), HasSubstr("Did you mean tiny?"));
  EXPECT_EQ(out_.str(), "");
}

TEST_F(ShowTest, ForecastsMemoryWithTheSettingsOfTheServer) {
  server_settings_->engine.context_tokens = 512;
  server_settings_->memory_budget_bytes = 5'000'000'000;
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(out_.str(), HasSubstr("with a context of 512\n"));
  EXPECT_THAT(out_.str(), HasSubstr("models may take 5.0 GB"));
}

TEST_F(ShowTest, ForecastsMemoryWithTheRulesOfTheModel) {
  app::ModelRule rule{.name = "tiny"};
  rule.defaults.load.context_tokens = 256;
  rule.defaults.system = "Be brief.";
  server_settings_->rules.models.push_back(rule);
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("with a context of 256\n"), HasSubstr("Be brief.")));
}

TEST_F(ShowTest, ForecastsMemoryWithTheKernelsThatAreSet) {
  setenv("SHIMMY_CPU", "scalar", 1);  // every CPU runs it
  support::GgufWriter odd = support::small_model();
  odd.tensor("blk.0.attn_k.weight", {64, 33}, support::kQ8_0, std::string(64 / 32 * 34 * 33, 'x'));
  temp_.write("odd.gguf", odd.bytes());
  options_.model = "odd";
  options_.json = true;
  const auto bytes_with = [this](std::optional<kernels::Choice> flag, kernels::Choice configured) {
    options_.kernels = flag;
    server_settings_->engine.kernels = configured;
    out_.str("");
    EXPECT_EQ(run(), 0) << err_.str();
    return boost::json::parse(out_.str()).at("memory").at("first_bytes").to_number<long>();
  };
  using kernels::Choice;
  const long ggml = bytes_with(std::nullopt, Choice::Ggml);
  const long shimmy = bytes_with(std::nullopt, Choice::Shimmy);
  EXPECT_NE(ggml, shimmy);
  EXPECT_EQ(bytes_with(Choice::Ggml, Choice::Shimmy), ggml);
  EXPECT_EQ(bytes_with(Choice::Shimmy, Choice::Ggml), shimmy);
  unsetenv("SHIMMY_CPU");
}

TEST_F(ShowTest, TellsTheRestWhereTheConfigurationIsWrong) {
  server_settings_ = base::fail(base::ErrorCode::InvalidRequest, "config.toml:1:1: no");
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("name           tiny\n"), Not(HasSubstr("\nmemory "))));
}

models::ModelEntry rich_entry() {
  models::ModelEntry entry;
  entry.name = "phi\x1b[31m";
  entry.path = "/models/phi.gguf";
  entry.aliases = {"phi3", "small"};
  entry.size_bytes = 2'000'000;
  entry.parameters = 7'000'000'000;
  entry.capabilities = {.chat = true, .tools = true, .vision = true};
  entry.projector = "/models/mmproj.gguf";
  entry.adapters = {"/models/lora.gguf"};
  entry.defaults.temperature = 0.25F;
  entry.defaults.stop = {"<end>"};
  entry.defaults.system = "Be it.";
  entry.defaults.load.context_tokens = 4096;
  return entry;
}

TEST(ModelCard, TellsWhatTheStoreSays) {
  const ModelCard card{rich_entry(), {}, {{"Q4_1", {3, 1000}}}, {}};
  const std::string text = to_text(card);
  EXPECT_THAT(
      text,
      AllOf(
          HasSubstr("aliases        phi3, small\n"), HasSubstr("7.0B"),
          HasSubstr("capabilities   chat, tools\n"),
          HasSubstr("projector      /models/mmproj.gguf (not used: shimmy takes no images yet)\n"),
          HasSubstr("adapter        /models/lora.gguf\n"), HasSubstr("temperature    0.25\n"),
          HasSubstr("stop           <end>\n"), HasSubstr("system         Be it.\n"),
          HasSubstr("context        4096\n")));
  EXPECT_THAT(text,
              AllOf(HasSubstr("tensors        3 Q4_1 (1.0 kB)\n"), Not(HasSubstr("template"))));
}

TEST(ModelCard, GivesTerminalsNothingToObey) {
  EXPECT_EQ(to_text({rich_entry(), {}, {}, "a\x1b[2Jb"}).find('\x1b'), std::string::npos);
}

TEST(ModelCard, LeavesOutWhatIsNotKnown) {
  EXPECT_THAT(to_text({}), AllOf(Not(HasSubstr("parameters")), Not(HasSubstr("heads")),
                                 Not(HasSubstr("capabilities")), Not(HasSubstr("projector"))));
}

TEST(ModelCard, ShowsTheFirstLinesOfALongTemplate) {
  EXPECT_THAT(to_text({{}, {}, {}, "1\n2\n3\n4\n5\n6\n7\n8\n"}),
              AllOf(HasSubstr("  6\n  … 2 more lines"), Not(HasSubstr("  7"))));
  EXPECT_THAT(to_text({{}, {}, {}, "1\n2\n3\n4\n5\n6\n7"}), HasSubstr("… 1 more line:"));
}

TEST(ModelCard, WritesDefaultsAsJsonValues) {
  const auto object =
      boost::json::parse(to_json({rich_entry(), {}, {}, {}})).at("defaults").as_object();
  EXPECT_DOUBLE_EQ(object.at("temperature").to_number<double>(), 0.25);
  EXPECT_EQ(object.at("stop").at(0).as_string(), "<end>");
  EXPECT_EQ(object.at("context").to_number<int>(), 4096);
}

TEST(ModelCard, PrefersTheStoresTemplate) {
  const support::TempDir temp;
  models::ModelEntry entry;
  entry.path = temp.write("m.gguf", support::small_model().bytes());
  EXPECT_THAT(model_card(entry, nullptr)->chat_template, Not(testing::IsEmpty()));
  entry.defaults.chat_template = "mine";
  EXPECT_EQ(model_card(entry, nullptr)->chat_template, "mine");
}

TEST(ModelCard, FailsWhereTheFileIsNoModel) {
  const support::TempDir temp;
  models::ModelEntry entry;
  entry.path = temp.write("m.gguf", "nothing");
  EXPECT_FALSE(model_card(entry, nullptr));
}

pool::MemoryForecast forecast() {
  pool::MemoryForecast result;
  result.first.weights = 1'000'000;
  result.first_context = 2048;
  result.longest.weights = 3'000'000;
  result.context_limit = 8192;
  result.largest_context = [](std::uint64_t bytes) { return bytes >= 1'000'000 ? 4096U : 0U; };
  return result;
}

std::string memory_lines(std::uint64_t budget) {
  ModelCard card;
  card.memory = memory_need(forecast(), budget);
  return to_text(card);
}

TEST(ModelCard, TellsWhetherTheModelFits) {
  EXPECT_THAT(memory_lines(5'000'000),
              AllOf(HasSubstr("memory         1.0 MB with a context of 2048, 3.0 MB with 8192\n"),
                    HasSubstr("fits           yes: models may take 5.0 MB here\n")));
  EXPECT_THAT(memory_lines(2'000'000),
              HasSubstr("fits           with a context of 4096 at most: models may take 2.0 MB"));
  EXPECT_THAT(memory_lines(500'000), HasSubstr("fits           no: models may take 500.0 kB"));
}

TEST(ModelCard, HasTheMemoryAsJson) {
  ModelCard card;
  EXPECT_TRUE(boost::json::parse(to_json(card)).at("memory").is_null());
  card.memory = memory_need(forecast(), 2'000'000);
  const auto memory = boost::json::parse(to_json(card)).at("memory").as_object();
  EXPECT_EQ(memory.at("first_bytes").to_number<int>(), 1'000'000);
  EXPECT_EQ(memory.at("fitting_context").to_number<int>(), 4096);
}

TEST(ModelCard, NamesWhatAModelCanDo) {
  EXPECT_THAT(
      capability_names({.reasoning = true, .embeddings = true, .rerank = true, .infill = true}),
      ElementsAre("reasoning", "embeddings", "rerank", "infill"));
  EXPECT_THAT(capability_names({.chat = true, .vision = true}), ElementsAre("chat"));
  EXPECT_THAT(unsupported_names({.chat = true, .vision = true}), ElementsAre("vision"));
  EXPECT_THAT(unsupported_names({.chat = true}), testing::IsEmpty());
}

}  // namespace
}  // namespace shimmy::cli
