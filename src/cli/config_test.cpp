#include "cli/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "cli/cli_fixture.h"
#include "cli/command_line.h"

namespace shimmy::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Action = ConfigOptions::Action;
using Arguments = std::vector<std::string>;

class ConfigTest : public CliFixture {
 protected:
  ConfigTest() { environment_["XDG_CONFIG_HOME"] = temp_.path().string(); }

  int run(Action action, bool json = false, const std::string& file = "") {
    out_.str("");
    err_.str("");
    return config({.action = action, .json = json, .sources = {{}, file}}, terminal_, services_);
  }

  std::string path() const { return (temp_.path() / "shimmy" / "config.toml").string(); }
};

TEST_F(ConfigTest, ChecksTheUsualFile) {
  EXPECT_EQ(run(Action::Check), 0);
  EXPECT_EQ(out_.str(), "There is no configuration file at " + path() + ": the defaults count.\n");
  temp_.write("shimmy/config.toml", "[server]\nport = 1\n");
  EXPECT_EQ(run(Action::Check), 0);
  EXPECT_EQ(out_.str(), path() + ": no mistakes.\n");
}

TEST_F(ConfigTest, TellsEveryMistakeWithItsLineAndColumn) {
  temp_.write("shimmy/config.toml", "[server]\nport = -1\nprot = 2\n\"a\\u001bb\" = 1\n");
  EXPECT_EQ(run(Action::Check), 2);
  EXPECT_THAT(out_.str(), StartsWith(path() + ":2:8: server.port must be"));
  EXPECT_THAT(out_.str(), HasSubstr("\n" + path() + ":3:1: There is no setting server.prot"));
  EXPECT_THAT(out_.str(), HasSubstr("\n" + path() + ":4:1: "));
  EXPECT_EQ(out_.str().find('\x1b'), std::string::npos);
  EXPECT_EQ(std::ranges::count(out_.str(), '\n'), 3);
}

TEST_F(ConfigTest, ChecksTheFilesThatItNames) {
  const auto file = temp_.write("mine.toml", "[access]\napi_key_file = 'nosuch'\n").string();
  EXPECT_EQ(run(Action::Check, false, file), 1);
  EXPECT_THAT(err_.str(), HasSubstr("nosuch cannot be read"));
  EXPECT_EQ(run(Action::Check, false, file + "x"), 1);
  EXPECT_THAT(err_.str(), HasSubstr("mine.tomlx cannot be read"));
}

TEST_F(ConfigTest, ShowsTheSettings) {
  temp_.write("shimmy/config.toml", "[server]\nport = 1\n[access]\napi_keys = ['sk-x']\n");
  EXPECT_EQ(run(Action::Show), 0);
  EXPECT_THAT(out_.str(), HasSubstr("server.port = 1 "));
  EXPECT_THAT(out_.str(), testing::Not(HasSubstr("sk-x")));
  EXPECT_EQ(run(Action::Show, true), 0);
  EXPECT_EQ(boost::json::parse(out_.str()).at("file").as_string(), path());
}

TEST_F(ConfigTest, TellsAllProblemsWhereItCannotShow) {
  temp_.write("shimmy/config.toml", "[server]\nport = -1\nprot = 2\n");
  EXPECT_EQ(run(Action::Show), 2);
  EXPECT_EQ(out_.str(), "");
  EXPECT_THAT(err_.str(), HasSubstr("has 2 problems.\n  " + path() + ":2:8: "));
  EXPECT_THAT(err_.str(), HasSubstr("\n  " + path() + ":3:1: "));
}

TEST_F(ConfigTest, WritesAnExampleOnce) {
  EXPECT_EQ(run(Action::Init), 0);
  EXPECT_THAT(out_.str(), StartsWith(path() + " is written"));
  EXPECT_EQ(run(Action::Check), 0);
  EXPECT_EQ(run(Action::Init), 2);
  EXPECT_THAT(err_.str(), HasSubstr("stays as it is"));
}

TEST_F(ConfigTest, PrintsTheSchema) {
  EXPECT_EQ(run(Action::Schema), 0);
  EXPECT_TRUE(boost::json::parse(out_.str()).at("properties").is_object());
}

TEST(ConfigFlags, TakeAnActionAFileAndSettings) {
  const auto line =
      parse_command_line(Arguments{"config", "show", "a.toml", "--port", "1", "--json"});
  ASSERT_TRUE(line) << line.error().message;
  const auto options = std::any_cast<ConfigOptions>(line->invocation->options);
  EXPECT_EQ(options.action, Action::Show);
  EXPECT_TRUE(options.json);
  EXPECT_EQ(options.sources.file, "a.toml");
  EXPECT_THAT(options.sources.flags.at("port"), testing::ElementsAre("1"));
  const auto flag = parse_command_line(Arguments{"config", "check", "--config", "b.toml"});
  EXPECT_EQ(std::any_cast<ConfigOptions>(flag->invocation->options).sources.file, "b.toml");
}

TEST(ConfigFlags, ExplainWhatTheyCannotDo) {
  EXPECT_THAT(parse_command_line(Arguments{"config"}).error().message,
              HasSubstr("Write shimmy config check"));
  EXPECT_THAT(parse_command_line(Arguments{"config", "chek"}).error().message,
              HasSubstr("Did you mean check?"));
  EXPECT_THAT(parse_command_line(Arguments{"config", "frobnicate"}).error().message,
              HasSubstr("It can check, show, schema and init."));
}

}  // namespace
}  // namespace shimmy::cli
