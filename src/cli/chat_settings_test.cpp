#include "cli/chat_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace shimmy::cli {
namespace {

using models::ModelDefaults;
using testing::ElementsAre;
using testing::HasSubstr;

std::string error(std::string_view name, std::string_view value) {
  ModelDefaults settings;
  const auto done = set_parameter(settings, name, value);
  return done ? "no error" : done.error().message;
}

TEST(ChatSettings, AreSetByName) {
  ModelDefaults settings;
  ASSERT_TRUE(set_parameter(settings, "temperature", "0.5"));
  ASSERT_TRUE(set_parameter(settings, "top_k", "20"));
  ASSERT_TRUE(set_parameter(settings, "seed", "4294967295"));
  ASSERT_TRUE(set_parameter(settings, "max_tokens", "-1"));
  ASSERT_TRUE(set_parameter(settings, "stop", "A"));
  ASSERT_TRUE(set_parameter(settings, "stop", "B"));
  EXPECT_EQ(settings.temperature, 0.5F);
  EXPECT_EQ(settings.top_k, 20);
  EXPECT_EQ(settings.seed, 4294967295U);
  EXPECT_EQ(settings.max_tokens, -1);
  EXPECT_THAT(settings.stop, ElementsAre("A", "B"));
}

TEST(ChatSettings, AreUnsetByNothing) {
  ModelDefaults settings;
  ASSERT_TRUE(set_parameter(settings, "temperature", "0.5"));
  ASSERT_TRUE(set_parameter(settings, "stop", "A"));
  ASSERT_TRUE(set_parameter(settings, "temperature", ""));
  ASSERT_TRUE(set_parameter(settings, "stop", ""));
  EXPECT_EQ(parameters_text(settings), "");
}

TEST(ChatSettings, RefuseWhatIsNoSuchValue) {
  for (const char* value : {"-0.1", "2.1", "hot", "1x", "nan", "inf", " 1"}) {
    EXPECT_THAT(error("temperature", value), HasSubstr("temperature takes a number from 0 to 2"));
  }
  EXPECT_THAT(error("top_k", "1.5"), HasSubstr("a whole number"));
  EXPECT_THAT(error("top_k", "99999999999999"), HasSubstr("a whole number"));
  EXPECT_THAT(error("seed", "-1"), HasSubstr("a whole number"));
}

TEST(ChatSettings, SayWhichParameterWasMeant) {
  EXPECT_THAT(error("temprature", "1"), HasSubstr("Did you mean temperature?"));
  EXPECT_THAT(error("zzzzzzz", "1"), HasSubstr("There are stop, temperature"));
}

TEST(ChatSettings, AreShown) {
  ModelDefaults settings;
  settings.temperature = 0.25F;
  settings.stop = {"a\n"};
  EXPECT_EQ(parameters_text(settings), "temperature        0.25\nstop               a\\n\n");
}

TEST(ChatSettings, ComeBackFromJson) {
  ModelDefaults settings;
  settings.temperature = 0.7F;
  settings.top_k = 3;
  settings.seed = 9;
  settings.stop = {"a", "b"};
  const auto back = parameters_from(parameters_json(settings)).value();
  EXPECT_FLOAT_EQ(*back.temperature, 0.7F);
  EXPECT_EQ(back.top_k, 3);
  EXPECT_EQ(back.seed, 9U);
  EXPECT_EQ(back.stop, settings.stop);
}

TEST(ChatSettings, RefuseForeignJson) {
  for (const char* text : {R"({"temperature":{}})", R"({"temperature":true})", R"({"other":1})",
                           R"({"top_k":[1,"x"]})"}) {
    EXPECT_FALSE(parameters_from(boost::json::parse(text).as_object())) << text;
  }
}

}  // namespace
}  // namespace shimmy::cli
