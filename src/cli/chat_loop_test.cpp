#include "cli/chat_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <sstream>

#include "support/temp_dir.h"

namespace shimmy::cli {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Says back what it was asked, or fails.
class Parrot final : public app::ChatModel {
 public:
  const std::string& name() const override { return name_; }
  const std::string& place() const override { return place_; }

  base::Result<app::ChatAnswer> ask(const app::ChatQuestion& question, const Show& show,
                                    std::stop_token stop) override {
    questions.push_back(question);
    if (error) return std::unexpected(*error);
    if (speaks) show({"", "You said " + question.messages.back().content + "."});
    if (stop.stop_requested()) return app::ChatAnswer{"interrupted", {}, {}};
    return app::ChatAnswer{"stop", {7, 3, 0}, {}};
  }

  std::vector<app::ChatQuestion> questions;
  bool speaks = true;
  std::optional<base::Error> error;

 private:
  const std::string name_ = "parrot";
  const std::string place_ = "in this test";
};

class Script final : public LineSource {
 public:
  explicit Script(std::deque<Line> lines) : lines_(std::move(lines)) {}

  Line read(const std::string& prompt, const std::vector<std::string>& history,
            std::stop_token) override {
    prompts.push_back(prompt);
    last_history = history;
    if (lines_.empty()) return {};
    Line line = lines_.front();
    lines_.pop_front();
    return line;
  }

  std::vector<std::string> prompts;
  std::vector<std::string> last_history;

 private:
  std::deque<Line> lines_;
};

class ChatLoopTest : public testing::Test {
 protected:
  int run(const std::vector<std::string>& texts) {
    std::deque<Line> lines;
    for (const std::string& text : texts) lines.push_back({Line::Kind::Text, text});
    script_ = std::make_unique<Script>(std::move(lines));
    return loop_.run(*script_);
  }

  const support::TempDir temp_;
  std::istringstream in_;
  std::ostringstream out_;
  std::ostringstream err_;
  Terminal terminal_{in_, out_, err_};
  Parrot model_;
  std::stop_source stop_;
  ChatLoop loop_{model_, {}, terminal_, [this] { return stop_.get_token(); }};
  std::unique_ptr<Script> script_;
};

TEST_F(ChatLoopTest, AsksWithAllThatWasSaid) {
  EXPECT_EQ(run({"one", "  ", "two"}), 0);
  EXPECT_EQ(out_.str(), "You said one.\nYou said two.\n");
  ASSERT_EQ(model_.questions.size(), 2U);
  EXPECT_THAT(
      model_.questions[1].messages,
      ElementsAre(app::ChatMessage{"user", "one"}, app::ChatMessage{"assistant", "You said one."},
                  app::ChatMessage{"user", "two"}));
  EXPECT_THAT(script_->last_history, ElementsAre("one", "two"));
}

TEST_F(ChatLoopTest, EndsWithByeOrExit) {
  EXPECT_EQ(run({"/bye", "one"}), 0);
  EXPECT_EQ(run({"/exit", "one"}), 0);
  EXPECT_THAT(model_.questions, IsEmpty());
}

TEST_F(ChatLoopTest, TakesTextsOfSeveralLines) {
  EXPECT_EQ(run({R"("""one)", "", "/bye", R"(two""")", R"("""three""")"}), 0);
  EXPECT_EQ(model_.questions.at(0).messages.back().content, "one\n\n/bye\ntwo");
  EXPECT_EQ(model_.questions.at(1).messages.back().content, "three");
  EXPECT_THAT(script_->prompts, ElementsAre(">>> ", "... ", "... ", "... ", ">>> ", ">>> "));
}

TEST_F(ChatLoopTest, EndsInTheMiddleOfATextOfSeveralLines) {
  EXPECT_EQ(run({R"("""one)", "two"}), 0);
  EXPECT_THAT(model_.questions, IsEmpty());
}

TEST_F(ChatLoopTest, GoesOnAfterAnInterruptedLine) {
  Script script({{Line::Kind::Interrupted}, {Line::Kind::Text, "one"}});
  EXPECT_EQ(loop_.run(script), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("Ctrl-D"), HasSubstr("You said one.")));
}

TEST_F(ChatLoopTest, KeepsAnInterruptedAnswerAndGoesOn) {
  stop_.request_stop();
  EXPECT_EQ(loop_.ask("one"), 130);
  stop_ = std::stop_source();
  EXPECT_EQ(loop_.ask("two"), 0);
  EXPECT_EQ(model_.questions.back().messages.size(), 3U);
}

TEST_F(ChatLoopTest, ForgetsAQuestionThatWasInterruptedBeforeItsAnswer) {
  stop_.request_stop();
  model_.speaks = false;
  EXPECT_EQ(loop_.ask("one"), 130);
  EXPECT_THAT(loop_.record().messages, IsEmpty());
}

TEST_F(ChatLoopTest, ForgetsAQuestionThatFailed) {
  model_.error = base::Error{base::ErrorCode::ContextOverflow, "Too long.", {}, {}};
  EXPECT_EQ(loop_.ask("one"), 1);
  EXPECT_EQ(err_.str(), "shimmy: Too long.\n");
  EXPECT_THAT(loop_.record().messages, IsEmpty());
}

TEST_F(ChatLoopTest, ForgetsWhatWasSaid) {
  run({"one", "/clear", "two"});
  EXPECT_EQ(model_.questions.back().messages.size(), 1U);
}

TEST_F(ChatLoopTest, AnswersAgain) {
  run({"one", "two", "/regen"});
  ASSERT_EQ(model_.questions.size(), 3U);
  EXPECT_EQ(model_.questions[2].messages, model_.questions[1].messages);
  EXPECT_EQ(loop_.record().messages.size(), 4U);
}

TEST_F(ChatLoopTest, HasNothingToAnswerAgainAtFirst) {
  run({"/regen"});
  EXPECT_THAT(err_.str(), HasSubstr("There is no answer yet."));
}

TEST_F(ChatLoopTest, SetsSystemAndParameters) {
  run({"/set system Be  it.", "/set parameter temperature 0.5", "one"});
  const app::ChatQuestion& asked = model_.questions.back();
  EXPECT_EQ(asked.messages.front(), (app::ChatMessage{"system", "Be  it."}));
  EXPECT_EQ(asked.settings.temperature, 0.5F);
  run({"/set system", "/set parameter temperature", "two"});
  EXPECT_EQ(model_.questions.back().messages.front().role, "user");
  EXPECT_FALSE(model_.questions.back().settings.temperature);
}

TEST_F(ChatLoopTest, ShowsSpeedsWhenVerbose) {
  run({"one"});
  EXPECT_EQ(err_.str(), "");
  run({"/set verbose", "two", "/set quiet", "three"});
  const std::string said = err_.str();
  EXPECT_THAT(said, HasSubstr("7 tokens"));
  EXPECT_EQ(said.find("prompt"), said.rfind("prompt")) << "once";
}

TEST_F(ChatLoopTest, ShowsWhatThereIs) {
  run({"/set system Be it.", "/set parameter top_k 5", "one"});
  out_.str("");
  run({"/show"});
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("parrot (in this test)"), HasSubstr("Be it."),
                                HasSubstr("top_k              5"), HasSubstr("user:\none")));
  out_.str("");
  run({"/show model"});
  EXPECT_THAT(out_.str(), testing::Not(HasSubstr("Be it.")));
  out_.str("");
  run({"/show nonsense"});
  EXPECT_THAT(out_.str(), HasSubstr("There is nothing to show"));
}

TEST_F(ChatLoopTest, SavesAndLoads) {
  const std::string file = temp_.path() / "a chat.json";
  run({"one", "/save " + file, "/clear", "/load " + file, "two"});
  EXPECT_EQ(model_.questions.back().messages.size(), 3U);
  EXPECT_THAT(out_.str(), HasSubstr("2 messages are back."));
  run({"/save", "/load", "/load /nonexistent"});
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("Write /save FILE."), HasSubstr("Write /load FILE."),
                                HasSubstr("cannot be read")));
}

TEST_F(ChatLoopTest, ExplainsItself) {
  run({"/help", "/?"});
  EXPECT_THAT(out_.str(), HasSubstr("/regen"));
  run({"/shwo", "/zzzzzzz", "/set", "/set parameter heat 1"});
  EXPECT_THAT(err_.str(),
              AllOf(HasSubstr("Did you mean /show?"), HasSubstr("See /help."),
                    HasSubstr("Write /set system"), HasSubstr("There is no parameter heat")));
  EXPECT_THAT(model_.questions, IsEmpty());
}

TEST_F(ChatLoopTest, TakesAPathAsText) {
  run({"//etc is what?"});
  EXPECT_EQ(model_.questions.size(), 1U);
}

}  // namespace
}  // namespace shimmy::cli
