#include "cli/model_switch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <any>

#include "cli/cli_fixture.h"
#include "cli/command_line.h"

namespace shimmy::cli {
namespace {

using testing::HasSubstr;

class ModelSwitchTest : public CliFixture {};

TEST_F(ModelSwitchTest, StopsAModel) {
  http_->answer("POST /api/models/phi%3A4b/unload",
                {200, R"({"message":"ok","model":"phi:4b","state":"unloaded"})"});
  EXPECT_EQ(stop({.server = {}, .model = "phi:4b"}, terminal_, services_), 0);
  EXPECT_EQ(out_.str(), "phi:4b is out of memory.\n");
}

TEST_F(ModelSwitchTest, StopsByForce) {
  http_->answer("POST /api/models/phi/unload?force=true",
                {200, R"({"model":"phi","state":"unloaded"})"});
  EXPECT_EQ(stop({.server = {}, .model = "phi", .force = true}, terminal_, services_), 0);
}

TEST_F(ModelSwitchTest, SaysWhatIsLeftToWaitFor) {
  http_->answer("POST /api/models/phi/unload", {200, R"({"model":"phi","state":"draining"})"});
  EXPECT_EQ(stop({.server = {}, .model = "phi"}, terminal_, services_), 0);
  EXPECT_THAT(out_.str(), HasSubstr("phi is draining: it goes when its requests end."));
}

TEST_F(ModelSwitchTest, GivesTheServersRefusal) {
  http_->answer("POST /api/models/phy/unload",
                {404, R"({"error":{"message":"Did you mean phi?"}})"});
  EXPECT_EQ(stop({.server = {}, .model = "phy"}, terminal_, services_), 2);
  EXPECT_EQ(err_.str(), "shimmy: Did you mean phi?\n");
  EXPECT_EQ(out_.str(), "");
}

TEST_F(ModelSwitchTest, LoadsAModel) {
  http_->answer("POST /api/models/phi/load",
                {200, R"({"model":"phi","state":"ready","memory":{"total_bytes":2000000},
                          "context":{"limit":8192}})"});
  EXPECT_EQ(load({.server = {}, .model = "phi"}, terminal_, services_), 0);
  EXPECT_EQ(out_.str(), "phi is loaded: 2.0 MB, context 8192.\n");
  EXPECT_EQ(http_->requests().back().body, "{}");
}

TEST_F(ModelSwitchTest, PrintsTheAnswerAsItIs) {
  http_->answer("POST /api/models/phi/load", {200, R"({"model":"phi","state":"ready"})"});
  EXPECT_EQ(load({.server = {}, .model = "phi", .json = true}, terminal_, services_), 0);
  EXPECT_EQ(out_.str(), "{\"model\":\"phi\",\"state\":\"ready\"}\n");
}

TEST_F(ModelSwitchTest, NeedsAServer) {
  EXPECT_EQ(load({.server = {}, .model = "phi"}, terminal_, services_), 1);
  EXPECT_THAT(err_.str(), HasSubstr("Start one with: shimmy serve"));
}

TEST_F(ModelSwitchTest, SendsTheKey) {
  environment_["SHIMMY_API_KEY"] = "one,two";
  load({.server = {}, .model = "phi"}, terminal_, services_);
  EXPECT_EQ(transfer::header_value(http_->requests().back().headers, "authorization"),
            "Bearer one");
}

TEST(LoadBody, SaysOnlyWhatWasSet) {
  EXPECT_EQ(load_body({.server = {}, .model = "phi"}), "{}");
  const auto line = parse_command_line(std::vector<std::string>{
      "load", "phi", "--ctx", "4096", "--parallel", "2", "--cache-type-k", "q8_0", "--cache-type-v",
      "f16", "--gpu-layers", "-1", "--pin", "--keep-alive", "5m"});
  ASSERT_TRUE(line) << line.error().message;
  EXPECT_EQ(load_body(std::any_cast<LoadOptions>(line->invocation->options)),
            R"({"context":4096,"parallel":2,"cache_type_k":"q8_0","cache_type_v":"f16",)"
            R"("gpu_layers":-1,"pin":true,"keep_alive":"5m"})");
}

TEST(LoadBody, NeedsAModel) {
  for (const char* command : {"load", "stop"}) {
    const auto line = parse_command_line(std::vector<std::string>{command});
    ASSERT_FALSE(line);
    EXPECT_THAT(line.error().message, HasSubstr("MODEL is required"));
  }
}

}  // namespace
}  // namespace shimmy::cli
