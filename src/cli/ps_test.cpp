#include "cli/ps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "cli/cli_fixture.h"

namespace shimmy::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kModels = R"({"models":[
  {"name":"idle","status":{"name":"idle","state":"unloaded"}},
  {"name":"phi","status":{"name":"phi","state":"ready","memory":{"total_bytes":120000000},
   "requests":{"active":2,"queued":1},"context":{"tokens":8192,"limit":32768,"used":100},
   "speed":{"decode_tokens_per_second":51.26},"keep_alive_seconds":300}},
  {"name":"qwen","status":{"name":"qwen","state":"loading","progress":0.42}}]})";

class PsTest : public CliFixture {
 protected:
  PsTest() { http_->answer("GET /api/models", {200, kModels}); }

  int run() { return ps(options_, terminal_, services_); }

  PsOptions options_;
};

TEST_F(PsTest, ShowsWhatIsInMemory) {
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out_.str(),
            "NAME  STATE            SIZE   CONTEXT  REQUESTS  TOK/S  UNTIL\n"
            "phi   ready        120.0 MB  100/8192       2+1   51.3  in use\n"
            "qwen  loading 42%         -         -         0      -  -\n");
}

TEST_F(PsTest, ShowsTheOthersWhenAsked) {
  options_.all = true;
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(out_.str(), HasSubstr("idle  unloaded"));
}

TEST_F(PsTest, PrintsJson) {
  options_.json = true;
  EXPECT_EQ(run(), 0);
  const auto models = boost::json::parse(out_.str()).at("models").as_array();
  ASSERT_EQ(models.size(), 2U);
  EXPECT_EQ(models[0].at("memory").at("total_bytes").to_number<int>(), 120000000);
  EXPECT_EQ(models[0].at("context").at("limit").to_number<int>(), 32768);
  EXPECT_TRUE(models[0].at("last_used").is_null());
}

TEST_F(PsTest, SaysWhereThereIsNothingToShow) {
  http_->answer("GET /api/models", {200, R"({"models":[]})"});
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(out_.str(), HasSubstr("No model is in memory."));
  EXPECT_THAT(out_.str(), Not(HasSubstr("NAME")));
  out_.str("");
  options_.all = true;
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(out_.str(), HasSubstr("The server has found no models."));
}

TEST_F(PsTest, PrintsAnEmptyListAsJson) {
  http_->answer("GET /api/models", {200, R"({"models":[]})"});
  options_.json = true;
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out_.str(), "{\"models\":[]}\n");
}

TEST_F(PsTest, SaysThatNoServerRuns) {
  options_.server = "127.0.0.1:1";
  http_->answer("GET /api/models",
                [](const transfer::Request&) -> base::Result<support::FakeAnswer> {
                  return std::unexpected(
                      base::Error{base::ErrorCode::Unavailable, "Refused.", {}, {}, "connect"});
                });
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(out_.str(), "");
  EXPECT_THAT(err_.str(), HasSubstr("No server is running at 127.0.0.1:1. Start one with"));
}

TEST_F(PsTest, SaysThatAnotherProgramAnswers) {
  http_->answer("GET /api/models", {200, "<html>"});
  EXPECT_EQ(run(), 1);
  EXPECT_THAT(err_.str(), HasSubstr("is it shimmy"));
}

TEST_F(PsTest, WatchesUntilItIsStopped) {
  options_.watch = true;
  options_.interval_seconds = 0.1;
  int looks = 0;
  http_->before_each([&] {
    if (++looks == 3) stop_.request_stop();
  });
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(looks, 3);
  EXPECT_THAT(out_.str(), Not(HasSubstr("\x1b")));
  EXPECT_NE(out_.str().find("NAME"), out_.str().rfind("NAME")) << "two tables";
}

TEST_F(PsTest, RedrawsOnATerminal) {
  options_.watch = true;
  terminal_.out_is_tty = true;
  terminal_.width = 200;
  int looks = 0;
  options_.interval_seconds = 0.1;
  http_->before_each([&] {
    if (++looks == 2) stop_.request_stop();
  });
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(out_.str(), HasSubstr("\x1b[H\x1b[2J"));
}

TEST_F(PsTest, StopsWatchingAServerThatGoes) {
  options_.watch = true;
  options_.interval_seconds = 0.1;
  int looks = 0;
  http_->before_each([&] {
    if (++looks == 2) http_->answer("GET /api/models", {500, ""});
  });
  EXPECT_EQ(run(), 1);
}

TEST_F(PsTest, RefusesIntervalsThatCannotBe) {
  for (const double seconds : {0.0, -1.0, 1e9, std::numeric_limits<double>::quiet_NaN()}) {
    options_.interval_seconds = seconds;
    EXPECT_EQ(run(), 2);
  }
}

TEST(UntilText, TellsHowLongAModelStays) {
  app::ServedStatus model;
  model.state = "ready";
  EXPECT_EQ(until_text(model, 1000), "memory is needed");
  model.keep_alive_seconds = 300;
  EXPECT_EQ(until_text(model, 1000), "5 min");
  model.last_used = 760;
  EXPECT_EQ(until_text(model, 1000), "1 min") << "60 seconds are left";
  model.last_used = 710;
  EXPECT_EQ(until_text(model, 1000), "10 s");
  model.last_used = 0;
  EXPECT_EQ(until_text(model, 1000), "0 s");
  model.keep_alive_seconds = 100'000;
  EXPECT_EQ(until_text(model, 0), "28 h");
  model.active_requests = 1;
  EXPECT_EQ(until_text(model, 0), "in use");
  model.is_pinned = true;
  EXPECT_EQ(until_text(model, 0), "pinned");
}

TEST(UntilText, TellsWhyAModelFailed) {
  app::ServedStatus model;
  model.state = "failed";
  model.reason = "It is \x1b broken.";
  EXPECT_EQ(until_text(model, 0), "It is \\x1b broken.");
  model.state = "draining";
  EXPECT_EQ(until_text(model, 0), "its requests end");
  model.state = "queued";
  EXPECT_EQ(until_text(model, 0), "-");
}

TEST(ServedTable, CountsTheMemoryOfSeveralModelsOnce) {
  app::ServedStatus first{.name = "a", .state = "ready", .total_bytes = 1'000'000};
  app::ServedStatus second = first;
  second.name = "b";
  first.shares_with = {"b"};
  second.shares_with = {"a"};
  const std::string table = served_table({first, second}, 0, 200);
  EXPECT_EQ(table.find("1.0 MB"), table.rfind("1.0 MB"));
  EXPECT_NE(table.find("1.0 MB"), std::string::npos) << table;
  EXPECT_THAT(table, HasSubstr("shared"));
}

TEST(ServedTable, IsJustTitlesWithoutModels) {
  EXPECT_THAT(served_table({}, 0, 80), AllOf(HasSubstr("NAME"), HasSubstr("UNTIL")));
}

}  // namespace
}  // namespace shimmy::cli
