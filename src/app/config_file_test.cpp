#include "app/config_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/json.hpp>
#include <map>
#include <regex>

#include "app/config_example.h"
#include "app/config_schema.h"
#include "app/text_file.h"
#include "support/temp_dir.h"

namespace shimmy::app {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class ConfigFileTest : public testing::Test {
 protected:
  models::Environment environment() {
    return [this](std::string_view name) -> std::optional<std::string> {
      const auto found = variables_.find(name);
      if (found == variables_.end()) return std::nullopt;
      return found->second;
    };
  }

  const support::TempDir temp_;
  std::map<std::string, std::string, std::less<>> variables_;
};

TEST_F(ConfigFileTest, LiesWhereTheXdgSpecificationSays) {
  EXPECT_EQ(usual_config_file(environment()), "");
  variables_["HOME"] = "/home/me";
  EXPECT_EQ(usual_config_file(environment()), "/home/me/.config/shimmy/config.toml");
  variables_["XDG_CONFIG_HOME"] = "relative";
  EXPECT_EQ(usual_config_file(environment()), "/home/me/.config/shimmy/config.toml");
  variables_["XDG_CONFIG_HOME"] = "/etc/mine";
  EXPECT_EQ(usual_config_file(environment()), "/etc/mine/shimmy/config.toml");
}

TEST_F(ConfigFileTest, IsTheNamedOneThenTheVariablesThenTheUsualOneIfItIsThere) {
  variables_["XDG_CONFIG_HOME"] = temp_.path().string();
  EXPECT_EQ(find_config_file("", environment()), "");
  const auto usual = temp_.write("shimmy/config.toml", "");
  EXPECT_EQ(find_config_file("", environment()), usual);
  variables_["SHIMMY_CONFIG"] = "/nosuch.toml";
  EXPECT_EQ(find_config_file("", environment()), "/nosuch.toml");
  EXPECT_EQ(find_config_file("mine.toml", environment()), "mine.toml");
}

TEST_F(ConfigFileTest, SaysWhyItCannotBeRead) {
  for (const auto& path : {temp_.path() / "missing", temp_.path()}) {
    const auto read = read_config(path.string(), environment());
    ASSERT_FALSE(read) << path;
    EXPECT_EQ(read.error().code, base::ErrorCode::Io);
    EXPECT_THAT(read.error().message, HasSubstr("cannot be read"));
  }
}

TEST_F(ConfigFileTest, TellsAllProblemsInOneError) {
  const auto path = temp_.write("config.toml", "[server]\nport = 'x'\nprot = 1\n").string();
  const auto error = error_of(read_config(path, environment()).value());
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message, "The configuration file " + path + " has 2 problems.");
  EXPECT_THAT(error->details, HasSubstr(path + ":2:8: "));
  EXPECT_THAT(error->details, HasSubstr("\n" + path + ":3:1: "));
  EXPECT_FALSE(error_of(parse_config("", path, environment())));
}

// "#key = …" and "#[section]" become what they comment out.
std::string uncommented(const std::string& text) {
  return std::regex_replace(text, std::regex("\n#([^ #])"), "\n$1");
}

TEST_F(ConfigFileTest, TheExampleIsRightAsItStandsAndUncommented) {
  EXPECT_THAT(parse_config(config_example(), "x", environment()).entries, IsEmpty());
  EXPECT_FALSE(error_of(parse_config(config_example(), "x", environment())));
  variables_["SHIMMY_TEAM_KEY"] = "sk-1";
  variables_["HOME"] = "/home/me";
  const ConfigDocument whole = parse_config(uncommented(config_example()), "x", environment());
  EXPECT_FALSE(error_of(whole)) << error_of(whole)->details;
  std::size_t settings = 0;
  for (const ConfigSection& section : config_sections()) settings += section.rules.size();
  EXPECT_EQ(whole.entries.size(), settings);
}

TEST_F(ConfigFileTest, TheExampleIsWrittenForTheUserAloneAndNeverOverAnother) {
  const std::string path = (temp_.path() / "a" / "b" / "config.toml").string();
  ASSERT_TRUE(write_config_example(path));
  EXPECT_EQ(read_text_file(path).value(), config_example());
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const auto again = write_config_example(path);
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message, HasSubstr("stays as it is"));
  const auto inside = write_config_example(path + "/config.toml");
  ASSERT_FALSE(inside);
  EXPECT_THAT(inside.error().message, HasSubstr("cannot be written"));
}

TEST(ConfigSchema, HasEverySettingWithItsRange) {
  const auto schema = boost::json::parse(config_schema());
  const auto at = [&](const char* path) { return schema.at_pointer(path); };
  EXPECT_EQ(at("/additionalProperties"), false);
  EXPECT_EQ(at("/properties/server/properties/port/maximum"), 65535);
  EXPECT_EQ(at("/properties/defaults/properties/top_p/type"), "number");
  EXPECT_EQ(at("/properties/models/properties/stores/properties/ollama/type"), "boolean");
  EXPECT_EQ(at("/properties/model/additionalProperties/properties/pin/type"), "boolean");
  EXPECT_EQ(at("/properties/model/additionalProperties/additionalProperties"), false);
  EXPECT_EQ(at("/properties/defaults/properties/cache_type_k/enum/1"), "f16");
  for (const ConfigSection& section : config_sections()) {
    std::string path = "/properties/" + std::string(section.name);
    if (const auto dot = path.find('.'); dot != std::string::npos) {
      path.replace(dot, 1, "/properties/");
    }
    if (section.is_named) path += "/additionalProperties";
    for (const SettingRule* rule : section.rules) {
      EXPECT_TRUE(at((path + "/properties").c_str()).as_object().contains(rule->key)) << path;
    }
  }
}

}  // namespace
}  // namespace shimmy::app
