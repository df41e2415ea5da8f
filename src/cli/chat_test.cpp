#include "cli/chat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <any>

#include "cli/cli_fixture.h"
#include "cli/command_line.h"

namespace shimmy::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kReady =
    R"({"models":[{"name":"phi","status":{"name":"phi","state":"ready"}}]})";
constexpr const char* kStatus = R"({"name":"phi","state":"unloaded"})";
constexpr const char* kHello =
    "data: {\"choices\":[{\"delta\":{\"content\":\"From afar\"},\"finish_reason\":\"stop\"}]}\n\n"
    "data: [DONE]\n\n";

class ChatTest : public CliFixture {
 protected:
  ChatTest() { add_model("phi"); }

  int run() { return chat(options_, terminal_, services_); }

  void on_terminal() { terminal_.in_is_tty = terminal_.out_is_tty = true; }

  std::string asked() const {
    return support::ByteTokenizer().text(engine_->requests().back().prompt);
  }

  ChatOptions options_;
};

TEST_F(ChatTest, AnswersOneQuestionAndEnds) {
  script_hello();
  on_terminal();
  options_.prompt = {"Why", "is it?"};
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out_.str(), "Hello world\n");
  EXPECT_THAT(asked(), HasSubstr("Why is it?"));
}

TEST_F(ChatTest, PutsWhatIsPipedInBehindTheQuestion) {
  script_hello();
  in_.str("some notes\n");
  options_.prompt = {"Sum up."};
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(asked(), HasSubstr("Sum up.\n\nsome notes<"));
  EXPECT_EQ(out_.str(), "Hello world\n");
}

TEST_F(ChatTest, TakesThePipeAlone) {
  script_hello();
  in_.str("some notes");
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(asked(), HasSubstr("user\nsome notes<"));
}

TEST_F(ChatTest, NeedsSomethingToAsk) {
  in_.str(" \n");
  EXPECT_EQ(run(), 2);
  EXPECT_THAT(err_.str(), HasSubstr("There is no prompt."));
  EXPECT_EQ(loads_, 0);
}

TEST_F(ChatTest, ChatsOnATerminal) {
  script_hello();
  on_terminal();
  in_.str("Hi\n/bye\n");
  options_.system = "Be it.";
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out_.str(), ">>> Hello world\n>>> ");
  EXPECT_THAT(err_.str(), HasSubstr("phi (in this process). /help tells"));
  EXPECT_THAT(asked(), HasSubstr("Be it."));
}

TEST_F(ChatTest, RefusesSettingsBeforeItLoads) {
  options_.settings.temperature = -1;
  options_.prompt = {"x"};
  EXPECT_EQ(run(), 2);
  EXPECT_THAT(err_.str(), HasSubstr("temperature"));
  EXPECT_EQ(loads_, 0);
}

TEST_F(ChatTest, TakesARunningServerThatHasTheModel) {
  on_terminal();
  http_->answer("GET /api/models/phi/status", {200, kStatus});
  http_->answer("POST /v1/chat/completions", {200, kHello});
  options_.prompt = {"Hi"};
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out_.str(), "From afar\n");
  EXPECT_EQ(loads_, 0);
}

TEST_F(ChatTest, TakesAModelThatOnlyTheServerKnows) {
  on_terminal();
  http_->answer("GET /api/models/far/status", {200, R"({"name":"far","state":"ready"})"});
  http_->answer("POST /v1/chat/completions", {200, kHello});
  options_.model = "far";
  options_.prompt = {"Hi"};
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out_.str(), "From afar\n");
}

TEST_F(ChatTest, LoadsTheModelWhereTheServerIsNotShimmy) {
  on_terminal();
  script_hello();
  http_->answer("GET /api/models/phi/status", {200, "<html>"});
  options_.prompt = {"Hi"};
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out_.str(), "Hello world\n");
}

TEST_F(ChatTest, AsksNoServerWhenToldSo) {
  on_terminal();
  script_hello();
  options_.local = true;
  options_.prompt = {"Hi"};
  EXPECT_EQ(run(), 0);
  EXPECT_TRUE(http_->requests().empty());
}

TEST_F(ChatTest, NeedsTheServerThatIsNamed) {
  on_terminal();
  options_.server = "10.0.0.2:11435";
  options_.model = "phi";
  options_.prompt = {"Hi"};
  EXPECT_EQ(run(), 1);
  EXPECT_THAT(err_.str(), HasSubstr("No server is running at 10.0.0.2:11435."));
  EXPECT_EQ(loads_, 0);
}

TEST_F(ChatTest, TakesTheOnlyModelOfANamedServer) {
  on_terminal();
  environment_["SHIMMY_HOST"] = "10.0.0.2:1";
  http_->answer("GET /api/models", {200, kReady});
  http_->answer("POST /v1/chat/completions", {200, kHello});
  options_.prompt = {"Hi"};
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(http_->requests().back().body, HasSubstr(R"("model":"phi")"));
  http_->answer("GET /api/models", {200, R"({"models":[{"name":"a"},{"name":"b"}]})"});
  EXPECT_EQ(run(), 2);
  EXPECT_THAT(err_.str(), HasSubstr("has 2 models: name one. There is a, b."));
}

TEST_F(ChatTest, AnswersAnInterruptWith130) {
  on_terminal();
  options_.local = true;
  options_.prompt = {"Hi"};
  stop_.request_stop();
  EXPECT_EQ(run(), 130);
}

TEST(ChatFlags, AreRead) {
  const std::vector<std::string> arguments{
      "run", "phi", "Why", "me?",       "--system", "S",        "-t",  "0.5",     "--seed",
      "7",   "-n",  "9",   "--verbose", "--local",  "--server", "a:1", "--top-k", "3"};
  const auto line = parse_command_line(arguments);
  ASSERT_TRUE(line) << line.error().message;
  const auto options = std::any_cast<ChatOptions>(line->invocation->options);
  EXPECT_EQ(options.model, "phi");
  EXPECT_THAT(options.prompt, ElementsAre("Why", "me?"));
  EXPECT_EQ(options.system, "S");
  EXPECT_EQ(options.settings.temperature, 0.5F);
  EXPECT_EQ(options.settings.seed, 7U);
  EXPECT_EQ(options.settings.max_tokens, 9);
  EXPECT_EQ(options.settings.top_k, 3);
  EXPECT_TRUE(options.verbose && options.local);
  EXPECT_EQ(options.server, "a:1");
  EXPECT_EQ(line->log_level, base::LogLevel::Warning) << "--verbose is about speeds here";
}

TEST(ChatFlags, ThatAreUnknownAreNoPrompt) {
  const auto line = parse_command_line(std::vector<std::string>{"run", "phi", "--tempreture=1"});
  ASSERT_FALSE(line);
  EXPECT_THAT(line.error().message, HasSubstr("Did you mean --temperature?"));
}

}  // namespace
}  // namespace shimmy::cli
