#include "cli/list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "cli/cli_fixture.h"
#include "cli/text_width.h"
#include "support/planted_stores.h"

namespace shimmy::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ListTest : public CliFixture {
 protected:
  int run() { return list(options_, terminal_, services_); }

  void on_terminal(std::size_t width) {
    terminal_.out_is_tty = true;
    terminal_.width = width;
  }

  std::size_t widest() const {
    std::size_t result = 0;
    std::istringstream lines(out_.str());
    for (std::string line; std::getline(lines, line);) result = std::max(result, columns(line));
    return result;
  }

  ListOptions options_;
};

TEST_F(ListTest, ShowsEveryColumnOnWideTerminal) {
  add_model("SmolLM2-135M-Instruct.Q4_1");
  on_terminal(120);
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("NAME"), HasSubstr("PARAMS"), HasSubstr("QUANT"),
                                HasSubstr("CONTEXT"), HasSubstr("SOURCE"),
                                HasSubstr("SmolLM2-135M-Instruct.Q4_1")));
  EXPECT_LE(widest(), 120U);
}

TEST_F(ListTest, FitsNarrowTerminal) {
  add_model("SmolLM2-135M-Instruct.Q4_1");
  add_model("another-model-of-very-long-name-instruct-v0.3.Q4_K_M");
  on_terminal(40);
  EXPECT_EQ(run(), 0);
  EXPECT_LE(widest(), 40U);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("SIZE"), Not(HasSubstr("SOURCE"))));
}

TEST_F(ListTest, CutsNothingInPipe) {
  const std::string name(150, 'n');
  add_model(name);
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr(name), HasSubstr("SOURCE")));
}

TEST_F(ListTest, PrintsNamesOnly) {
  add_model("b");
  add_model("a");
  options_.names_only = true;
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out_.str(), "a\nb\n");
}

TEST_F(ListTest, PrintsJson) {
  add_model("a");
  temp_.write("bad.gguf", "x");
  options_.json = true;
  options_.all = true;
  EXPECT_EQ(run(), 0);
  const auto object = boost::json::parse(out_.str()).as_object();
  EXPECT_EQ(object.at("models").at(0).at("name").as_string(), "a");
  EXPECT_EQ(object.at("models").at(0).at("architecture").as_string(), "llama");
  EXPECT_EQ(object.at("broken").at(0).at("name").as_string(), "bad");
}

TEST_F(ListTest, PrintsWhatEachModelCanDoAndWhatGoesWithIt) {
  temp_.write("eyes-Q4_0.gguf", support::planted_model({.title = "Eyes", .base_name = "eyes"}));
  temp_.write("mmproj.gguf", support::planted_projector("eyes"));
  temp_.write("lora.gguf", support::planted_adapter("eyes"));
  options_.json = true;
  EXPECT_EQ(run(), 0);
  const auto models = boost::json::parse(out_.str()).at("models").as_array();
  ASSERT_EQ(models.size(), 1U);
  const auto& model = models[0].as_object();
  EXPECT_EQ(model.at("aliases"), (boost::json::array{"eyes", "eyes:Q4_0"}));
  EXPECT_EQ(model.at("capabilities"), (boost::json::array{"chat"}));
  EXPECT_EQ(model.at("unsupported_capabilities"), (boost::json::array{"vision"}));
  EXPECT_EQ(model.at("projector").as_string(), (temp_.path() / "mmproj.gguf").string());
  ASSERT_EQ(model.at("adapters").as_array().size(), 1U);
  EXPECT_EQ(model.at("adapters").at(0).as_string(), (temp_.path() / "lora.gguf").string());
}

TEST_F(ListTest, PrintsValidJsonWhateverTheNames) {
  add_model("not-\xff-utf8");
  options_.json = true;
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(boost::json::parse(out_.str()).at("models").at(0).at("name").as_string(),
            "not-\uFFFD-utf8");
}

TEST_F(ListTest, MentionsBrokenFilesAndShowsThemWhenAsked) {
  add_model("a");
  temp_.write("bad.gguf", "\xff\xd8\xff");
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(out_.str(), Not(HasSubstr("bad")));
  EXPECT_THAT(err_.str(), HasSubstr("1 broken file left out"));
  options_.all = true;
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("bad.gguf"), HasSubstr("JPEG")));
}

TEST_F(ListTest, NamesBrokenFileOnce) {
  const std::string path = temp_.write("bad.gguf", "\xff\xd8\xff").string();
  options_.all = true;
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(out_.str(), HasSubstr("\n" + path + " cannot be used as a model: "));
}

TEST_F(ListTest, SaysWhatToDoWithoutModels) {
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out_.str(), "");
  EXPECT_THAT(err_.str(), AllOf(StartsWith("No models were found"), HasSubstr("shimmy pull")));
}

TEST_F(ListTest, EscapesControlCharactersInNames) {
  add_model("evil\x1b[2J");
  options_.names_only = true;
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out_.str(), "evil\\x1b[2J\n");
}

}  // namespace
}  // namespace shimmy::cli
