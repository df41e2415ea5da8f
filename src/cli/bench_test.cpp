#include "cli/bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <any>
#include <boost/json.hpp>
#include <cmath>
#include <set>

#include "cli/cli_fixture.h"
#include "cli/command_line.h"

namespace shimmy::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class BenchTestFixture : public CliFixture {
 protected:
  BenchTestFixture() {
    add_model("phi");
    options_.prompts = {100};
    options_.generated = {10};
    options_.batches = {1, 2};
    options_.repetitions = 2;
  }

  // Answers `count` requests: 100 ms to the first token, then `tokens` in 200 ms.
  void script(int count, std::size_t tokens) {
    for (int i = 0; i < count; ++i) {
      generation::FinishedEvent finished;
      finished.reason = generation::FinishReason::Length;
      finished.usage = {100, tokens + 1, 0};
      finished.timings = {0, 100, 200, 100};
      engine_->script({finished});
    }
  }

  int run() { return bench(options_, terminal_, services_); }

  BenchOptions options_;
};

TEST_F(BenchTestFixture, ShowsARowForEachTest) {
  script(3, 0);   // the prompt: to warm up, and twice
  script(3, 10);  // one text
  script(6, 10);  // two at once
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(out_.str(), HasSubstr("MODEL"));
  EXPECT_THAT(out_.str(), HasSubstr("pp100  1000.00 ± 0.00\n"));
  EXPECT_THAT(out_.str(), HasSubstr("tg10    50.00 ± 0.00\n"));
  EXPECT_THAT(out_.str(), HasSubstr("tg10 x2 "));
  EXPECT_EQ(engine_->requests().size(), 12U);
  EXPECT_EQ(err_.str(), "");
}

TEST_F(BenchTestFixture, PrintsJsonWithTheNamesOfLlamaBench) {
  options_.json = true;
  options_.generated = {0};
  options_.engine.threads = 3;
  script(3, 0);
  EXPECT_EQ(run(), 0);
  const auto object = boost::json::parse(out_.str()).as_object();
  EXPECT_EQ(object.at("model").as_string(), "phi");
  const auto& row = object.at("results").at(0).as_object();
  EXPECT_EQ(row.at("test").as_string(), "pp100");
  EXPECT_EQ(row.at("n_prompt").to_number<int>(), 100);
  EXPECT_EQ(row.at("n_gen").to_number<int>(), 0);
  EXPECT_EQ(row.at("n_threads").to_number<int>(), 3);
  EXPECT_EQ(row.at("avg_ts").to_number<double>(), 1000);
  EXPECT_EQ(row.at("avg_ns").to_number<double>(), 1e8);
  EXPECT_EQ(row.at("samples_ts").as_array().size(), 2U);
}

TEST_F(BenchTestFixture, AsksForRoomForTheLargestTest) {
  options_.batches = {16};
  options_.generated = {64};
  load_error_ = base::Error{base::ErrorCode::ModelLoadFailed, "No.", {}, {}};
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(engine_options_.parallel, 16U);
  EXPECT_GE(engine_options_.context_tokens, 16U * 64U);
}

TEST_F(BenchTestFixture, MeasuresWhatTheEngineMustDoInFull) {
  options_.batches = {1};
  script(6, 10);
  run();
  const auto requests = engine_->requests();
  EXPECT_EQ(requests[0].prompt.size(), 100U);
  EXPECT_EQ(requests[0].max_tokens, 1);
  EXPECT_EQ(requests[3].prompt.size(), 1U);
  EXPECT_EQ(requests[3].max_tokens, 11);
  EXPECT_TRUE(requests[3].ignore_eos);
  EXPECT_NE(requests[0].prompt, requests[1].prompt) << "no cache may know it";
}

TEST_F(BenchTestFixture, FailsAsTheEngineDoes) {
  engine_->script({base::Error{base::ErrorCode::GenerationFailed, "It broke.", {}, {}}});
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(err_.str(), "shimmy: It broke.\n");
  EXPECT_EQ(out_.str(), "");
  engine_->refuse({base::ErrorCode::ContextOverflow, "Too long.", {}, {}});
  EXPECT_EQ(run(), 1);
}

TEST_F(BenchTestFixture, EndsWhenInterrupted) {
  stop_.request_stop();
  EXPECT_EQ(run(), 130);
}

TEST(BenchRow, KnowsMeanAndDeviation) {
  EXPECT_EQ((BenchRow{{}, {}}).mean(), 0);
  EXPECT_EQ((BenchRow{{}, {5}}).deviation(), 0);
  const BenchRow row{{}, {1, 2, 3, 4}};
  EXPECT_DOUBLE_EQ(row.mean(), 2.5);
  EXPECT_NEAR(row.deviation(), 1.29099, 1e-5);
}

TEST(BenchTest, IsNamedAsByLlamaBench) {
  EXPECT_EQ((BenchTest{512, 0, 1}).name(), "pp512");
  EXPECT_EQ((BenchTest{0, 128, 1}).name(), "tg128");
  EXPECT_EQ((BenchTest{0, 64, 16}).name(), "tg64 x16");
}

TEST(BenchPrompts, AreOrdinaryTokensThatNeverRepeat) {
  const support::ByteTokenizer tokenizer;
  BenchPrompts prompts(tokenizer);
  BenchPrompts again(tokenizer);
  std::set<std::vector<generation::Token>> seen;
  for (int i = 0; i < 20; ++i) {
    const auto tokens = prompts.next(32);
    EXPECT_EQ(tokens, again.next(32)) << "the same in every run";
    EXPECT_TRUE(seen.insert(tokens).second);
    for (const generation::Token token : tokens) {
      EXPECT_FALSE(tokenizer.is_end(token));
      EXPECT_NE(tokenizer.piece(token), "");
    }
  }
}

std::string flag_error(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "bench");
  const auto line = parse_command_line(arguments);
  return line ? "no error" : line.error().message;
}

TEST(BenchFlags, TakeLists) {
  const auto line = parse_command_line(
      std::vector<std::string>{"bench", "phi", "-p", "512,128", "-n", "0", "-b", "1", "-r", "5"});
  ASSERT_TRUE(line) << line.error().message;
  const auto options = std::any_cast<BenchOptions>(line->invocation->options);
  EXPECT_THAT(options.prompts, ElementsAre(512, 128));
  EXPECT_EQ(bench_tests(options).size(), 2U);
  EXPECT_EQ(bench_tests(BenchOptions{}).size(), 5U);
}

TEST(BenchFlags, RefuseWhatCannotBeMeasured) {
  EXPECT_THAT(flag_error({"-p", "0", "-n", "0"}), HasSubstr("Nothing is left"));
  EXPECT_THAT(flag_error({"-p", "1000000000"}), HasSubstr("at most 131072 tokens"));
  EXPECT_THAT(flag_error({"-b", "0"}), HasSubstr("must be 1 to 256"));
  EXPECT_THAT(flag_error({"-b", "257"}), HasSubstr("must be 1 to 256"));
  EXPECT_THAT(flag_error({"-r", "0"}), HasSubstr("must be 1 to 256"));
  EXPECT_THAT(flag_error({"-p", "many"}), HasSubstr("n-prompt"));
}

}  // namespace
}  // namespace shimmy::cli
