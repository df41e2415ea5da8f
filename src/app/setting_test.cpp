#include "app/setting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "app/config_sections.h"

namespace shimmy::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Texts = std::vector<std::string>;

constexpr std::array<std::string_view, 2> kWords{"loud", "quiet"};

SettingRule rule(SettingKind kind, double low = 0, double high = 10) {
  return {
      .section = "server", .key = "x", .kind = kind, .low = low, .high = high, .choices = kWords};
}

SettingValue read(SettingKind kind, const std::string& text) {
  auto value = value_of_texts(rule(kind), "--x", Texts{text});
  EXPECT_TRUE(value) << text << ": " << value.error().message;
  return value.value_or(SettingValue{});
}

std::string refusal(const SettingRule& of, const std::string& text) {
  const auto value = value_of_texts(of, "--x", Texts{text});
  if (value) return "no error";
  EXPECT_EQ(value.error().param, "--x");
  EXPECT_EQ(value.error().code, base::ErrorCode::InvalidRequest);
  return value.error().message;
}

TEST(Setting, ReadsTextsOfEveryKind) {
  EXPECT_EQ(read(SettingKind::Boolean, "true"), SettingValue(true));
  EXPECT_EQ(read(SettingKind::Boolean, "off"), SettingValue(false));
  EXPECT_EQ(read(SettingKind::Integer, "10"), SettingValue(std::int64_t{10}));
  EXPECT_EQ(read(SettingKind::Decimal, "0.5"), SettingValue(0.5));
  EXPECT_EQ(read(SettingKind::Text, ""), SettingValue(std::string()));
  EXPECT_EQ(read(SettingKind::Texts, "a,b,,c"), SettingValue(Texts{"a", "b", "c"}));
  EXPECT_EQ(read(SettingKind::Paths, "/a,b"), SettingValue(Texts{"/a,b"}));
  EXPECT_EQ(read(SettingKind::Choice, "loud"), SettingValue(std::string("loud")));
  EXPECT_EQ(read(SettingKind::Duration, "1h30m"), SettingValue(std::string("1h30m")));
  EXPECT_EQ(read(SettingKind::KeepAlive, "forever"), SettingValue(std::string("forever")));
  EXPECT_EQ(read(SettingKind::Memory, "80%"), SettingValue(std::string("80%")));
}

TEST(Setting, KeepsAnEmptyItemThatIsAllThereIs) {
  EXPECT_EQ(read(SettingKind::Texts, ""), SettingValue(Texts{""}));
}

TEST(Setting, ReadsRepeatedFlags) {
  const auto value = value_of_texts(rule(SettingKind::Texts), "--x", Texts{"a", "b,c"});
  EXPECT_THAT(std::get<Texts>(value.value()), ElementsAre("a", "b", "c"));
}

TEST(Setting, SaysWhatItMustBe) {
  EXPECT_EQ(refusal(rule(SettingKind::Integer), "11"),
            "--x must be a whole number from 0 to 10, not 11.");
  EXPECT_EQ(refusal(rule(SettingKind::Integer), "1.5"),
            "--x must be a whole number from 0 to 10, not \"1.5\".");
  EXPECT_EQ(refusal(rule(SettingKind::Decimal, 0, 0.5), "1"),
            "--x must be a number from 0 to 0.5, not 1.");
  EXPECT_EQ(refusal(rule(SettingKind::Boolean), "maybe"),
            "--x must be true or false, not \"maybe\".");
  EXPECT_EQ(refusal(rule(SettingKind::Choice), "soft"),
            "--x must be one of loud, quiet, not \"soft\".");
  EXPECT_THAT(refusal(rule(SettingKind::Duration), "-1s"), HasSubstr("a duration such as 30s"));
  EXPECT_THAT(refusal(rule(SettingKind::KeepAlive), "soon"), HasSubstr("0 or forever"));
  EXPECT_THAT(refusal(rule(SettingKind::Memory), "120%"), HasSubstr("a share such as 80%"));
}

TEST(Setting, TakesNoHostileNumbers) {
  for (const char* text : {"", " 1", "1 ", "0x1", "1e400", "99999999999999999999", "nan", "--1"}) {
    EXPECT_NE(refusal(rule(SettingKind::Integer), text), "no error") << text;
    EXPECT_NE(refusal(rule(SettingKind::Decimal), text), "no error") << text;
  }
}

TEST(Setting, ShowsOfASecretOnlyHowMany) {
  SettingRule secret = rule(SettingKind::Texts);
  secret.is_secret = true;
  EXPECT_EQ(value_text(secret, Texts{"a", "b"}), "(2 keys)");
  EXPECT_EQ(value_text(secret, Texts{"a"}), "(1 key)");
  EXPECT_EQ(value_text(rule(SettingKind::Texts), Texts{"a\n", "b"}), R"(["a\n", "b"])");
}

TEST(ConfigSections, HaveEverySettingOnce) {
  Texts keys;
  Texts flags;
  Texts variables;
  for (const ConfigSection& section : config_sections()) {
    EXPECT_THAT(section.rules, testing::Not(IsEmpty())) << section.name;
    for (const SettingRule* each : section.rules) {
      keys.push_back(std::string(section.name) + '.' + std::string(each->key));
      if (section.is_named) continue;
      if (!each->flag.empty()) flags.emplace_back(each->flag);
      if (!each->variable.empty()) variables.emplace_back(each->variable);
    }
  }
  for (Texts* names : {&keys, &flags, &variables}) {
    std::ranges::sort(*names);
    EXPECT_EQ(std::ranges::adjacent_find(*names), names->end())
        << *std::ranges::adjacent_find(*names);
  }
}

TEST(ConfigSections, DescribeEverySetting) {
  for (const ConfigSection& section : config_sections()) {
    for (const SettingRule* each : section.rules) {
      EXPECT_NE(each->help, "") << each->key;
      EXPECT_NE(each->usual, "") << each->key;
      EXPECT_NE(each->example, "") << each->key;
      // A flag without one is a switch.
      if (each->kind != SettingKind::Boolean) {
        EXPECT_EQ(each->flag.empty(), each->placeholder.empty()) << each->key;
      }
    }
  }
}

}  // namespace
}  // namespace shimmy::app
