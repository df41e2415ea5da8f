#include "cli/generate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cerrno>
#include <streambuf>
#include <thread>

#include "cli/cli_fixture.h"

namespace shimmy::cli {
namespace {

namespace json = boost::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

class GenerateTest : public CliFixture {
 protected:
  GenerateTest() {
    options_.prompt = "Hi";
    add_model("tiny");
  }

  int run() { return generate(options_, terminal_, services_); }

  std::string prompt_text() const {
    return support::ByteTokenizer().text(engine_->requests().at(0).prompt);
  }

  GenerateOptions options_;
};

TEST_F(GenerateTest, WritesTheTextToStdoutAndNothingElse) {
  script_hello();
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out_.str(), "Hello world\n");
  EXPECT_EQ(err_.str(), "");
}

TEST_F(GenerateTest, UsesTheChatTemplateOfTheModel) {
  script_hello();
  options_.system = "Be brief.";
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(prompt_text(), AllOf(HasSubstr("user\nHi"), HasSubstr("system\nBe brief.")));
}

TEST_F(GenerateTest, GivesTheRawPromptWhenAsked) {
  script_hello();
  options_.style = PromptStyle::Raw;
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(prompt_text(), testing::Not(HasSubstr("user")));
}

TEST_F(GenerateTest, GivesTheRawPromptToModelWithoutTemplate) {
  generation::ModelFacts facts = support::FakeEngine::default_facts();
  facts.chat_template.clear();
  engine_ = std::make_shared<support::FakeEngine>(facts);
  script_hello();
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(prompt_text(), testing::Not(HasSubstr("user")));
}

TEST_F(GenerateTest, RefusesChatWithModelWithoutTemplate) {
  generation::ModelFacts facts = support::FakeEngine::default_facts();
  facts.chat_template.clear();
  engine_ = std::make_shared<support::FakeEngine>(facts);
  options_.style = PromptStyle::Chat;
  EXPECT_EQ(run(), 2);
  EXPECT_THAT(err_.str(), HasSubstr("no chat template"));
  EXPECT_EQ(out_.str(), "");
}

TEST_F(GenerateTest, PassesSamplingOn) {
  script_hello();
  options_.max_tokens = 50;
  options_.sampling.temperature = 0.25F;
  options_.sampling.seed = 7;
  options_.stop = {"END"};
  EXPECT_EQ(run(), 0);
  const generation::Request request = engine_->requests().at(0);
  EXPECT_EQ(request.max_tokens, 50);
  EXPECT_FLOAT_EQ(request.sampling.temperature, 0.25F);
  EXPECT_EQ(request.sampling.seed, 7U);
  EXPECT_THAT(request.stop, testing::ElementsAre("END"));
}

TEST_F(GenerateTest, RefusesBadSamplingBeforeLoading) {
  options_.sampling.temperature = -1;
  EXPECT_EQ(run(), 2);
  EXPECT_THAT(err_.str(), HasSubstr("temperature"));
  EXPECT_EQ(loads_, 0);
}

TEST_F(GenerateTest, ReadsThePromptFromPipe) {
  script_hello();
  options_.prompt.clear();
  options_.style = PromptStyle::Raw;
  in_.str("from the\npipe\n");
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(prompt_text(), testing::EndsWith("from the\npipe"));
}

TEST_F(GenerateTest, RefusesEmptyPipeBeforeLoading) {
  options_.prompt = "-";
  in_.str(" \n");
  EXPECT_EQ(run(), 2);
  EXPECT_THAT(err_.str(), HasSubstr("stdin is empty"));
  EXPECT_EQ(loads_, 0);
}

TEST_F(GenerateTest, AsksForPromptOnTerminal) {
  options_.prompt.clear();
  terminal_.in_is_tty = true;
  EXPECT_EQ(run(), 2);
  EXPECT_THAT(err_.str(), HasSubstr("--prompt"));
}

TEST_F(GenerateTest, WritesOneJsonObject) {
  script_hello();
  options_.json = true;
  EXPECT_EQ(run(), 0);
  const json::object object = json::parse(out_.str()).as_object();
  EXPECT_EQ(object.at("model").as_string(), "tiny");
  EXPECT_EQ(object.at("text").as_string(), "Hello world");
  EXPECT_EQ(object.at("finish_reason").as_string(), "stop");
  EXPECT_EQ(object.at("usage").at("total_tokens").to_number<int>(), 13);
  EXPECT_DOUBLE_EQ(object.at("timings").at("prefill_tokens_per_second").to_number<double>(), 100);
  EXPECT_DOUBLE_EQ(object.at("timings").at("decode_tokens_per_second").to_number<double>(), 10);
  EXPECT_EQ(err_.str(), "");
}

TEST_F(GenerateTest, WritesErrorAsJsonToo) {
  options_.json = true;
  options_.model = "tinny";
  EXPECT_EQ(run(), 2);
  const json::object object = json::parse(out_.str()).as_object();
  EXPECT_EQ(object.at("finish_reason").as_string(), "error");
  EXPECT_EQ(object.at("error").at("code").as_string(), "model_not_found");
  EXPECT_THAT(err_.str(), HasSubstr("Did you mean tiny?"));
}

TEST_F(GenerateTest, WritesStatsToStderr) {
  script_hello();
  options_.stats = true;
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out_.str(), "Hello world\n");
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("100.0 tok/s"), HasSubstr("10.0 tok/s"),
                                HasSubstr("first token"), HasSubstr("load")));
}

TEST_F(GenerateTest, ReportsFailureInTheMiddle) {
  engine_->script({support::text_event("Hel"),
                   base::Error{base::ErrorCode::GenerationFailed, "The model choked.", {}, {}}});
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(out_.str(), "Hel\n");
  EXPECT_THAT(err_.str(), HasSubstr("The model choked."));
}

TEST_F(GenerateTest, ReportsRefusedRequest) {
  engine_->refuse({base::ErrorCode::ContextOverflow, "Too long.", {}, {}});
  EXPECT_EQ(run(), 1);
  EXPECT_THAT(err_.str(), HasSubstr("Too long."));
}

TEST_F(GenerateTest, ReportsFailedLoad) {
  load_error_ = base::Error{base::ErrorCode::ModelLoadFailed, "No room.", "by libllama", {}};
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(err_.str(), "shimmy: No room.\n  by libllama\n");
}

// Runs until the engine has a request, then interrupts it.
int run_and_interrupt(const std::function<int()>& run, support::FakeEngine& engine,
                      std::stop_source& stop) {
  const std::jthread interrupter([&] {
    while (engine.requests().empty()) std::this_thread::yield();
    engine.emit(0, support::text_event("Hel"));
    while (engine.unread(0) > 0) std::this_thread::yield();
    stop.request_stop();
  });
  return run();
}

TEST_F(GenerateTest, EndsCleanlyWhenInterrupted) {
  EXPECT_EQ(run_and_interrupt([this] { return run(); }, *engine_, stop_), 130);
  EXPECT_EQ(out_.str(), "Hel\n");
  EXPECT_EQ(engine_->alive(), 0U);
}

TEST_F(GenerateTest, WritesJsonWhenInterrupted) {
  options_.json = true;
  EXPECT_EQ(run_and_interrupt([this] { return run(); }, *engine_, stop_), 130);
  const json::object object = json::parse(out_.str()).as_object();
  EXPECT_EQ(object.at("finish_reason").as_string(), "interrupted");
  EXPECT_EQ(object.at("text").as_string(), "Hel");
}

TEST_F(GenerateTest, EndsWhenInterruptedWhileLoading) {
  stop_.request_stop();
  EXPECT_EQ(run(), 130);
  EXPECT_EQ(out_.str(), "");
  EXPECT_THAT(engine_->requests(), IsEmpty());
}

// Takes a few bytes, then fails with the given errno.
class FailingBuffer final : public std::streambuf {
 public:
  FailingBuffer(std::size_t room, int error) : room_(room), error_(error) {}

 private:
  std::streamsize xsputn(const char*, std::streamsize size) override {
    if (static_cast<std::size_t>(size) <= room_) {
      room_ -= static_cast<std::size_t>(size);
      return size;
    }
    errno = error_;
    return 0;
  }

  std::size_t room_;
  int error_;
};

TEST_F(GenerateTest, EndsQuietlyWhenNobodyReads) {
  script_hello();
  FailingBuffer pipe(5, EPIPE);
  std::ostream out(&pipe);
  Terminal terminal{in_, out, err_};
  EXPECT_EQ(generate(options_, terminal, services_), 0);
  EXPECT_EQ(err_.str(), "");
  EXPECT_EQ(engine_->alive(), 0U);
}

TEST_F(GenerateTest, ReportsFullDisk) {
  script_hello();
  FailingBuffer file(5, ENOSPC);
  std::ostream out(&file);
  Terminal terminal{in_, out, err_};
  EXPECT_EQ(generate(options_, terminal, services_), 1);
  EXPECT_THAT(err_.str(), HasSubstr("No space left"));
}

TEST_F(GenerateTest, ShowsBarWhileLoadingOnTerminal) {
  script_hello();
  terminal_.err_is_tty = true;
  terminal_.width = 40;
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("Loading tiny"), testing::EndsWith("\r")));
}

TEST_F(GenerateTest, MakesRoomForOneSequenceOnly) {
  script_hello();
  std::size_t parallel = 0;
  services_.engine_factory = [&](const app::ModelOptions& options) {
    parallel = options.parallel;
    return factory();
  };
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(parallel, 1U);
}

}  // namespace
}  // namespace shimmy::cli
