#include "base/log.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cmath>
#include <limits>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace shimmy::base {
namespace {

// What was written, line by line.
class Log : public testing::Test {
 protected:
  Logger make(LogLevel level, LogFormat format) {
    return Logger::to_writer(level, format,
                             [this](std::string_view line) { lines_.emplace_back(line); });
  }
  Logger text() { return make(LogLevel::Debug, LogFormat::Text); }
  Logger json() { return make(LogLevel::Debug, LogFormat::Json); }

  // Of the only line, without the time in front.
  std::string only_text() const {
    EXPECT_EQ(lines_.size(), 1U);
    return lines_.empty() ? "" : lines_[0].substr(lines_[0].find(' ') + 1);
  }
  boost::json::object only_json() const {
    EXPECT_EQ(lines_.size(), 1U);
    return lines_.empty() ? boost::json::object{} : boost::json::parse(lines_[0]).as_object();
  }

  std::vector<std::string> lines_;
};

TEST_F(Log, DefaultMadeDropsEverything) {
  const Logger log;
  EXPECT_FALSE(log.enabled(LogLevel::Error));
  log.error("nobody listens");
  log.named("x").write(LogLevel::Error, "nobody listens", {{"key", 1.0}});
}

TEST_F(Log, WritesOnlyFromItsLevelOn) {
  const std::vector<LogLevel> levels{LogLevel::Debug, LogLevel::Info, LogLevel::Warning,
                                     LogLevel::Error};
  for (std::size_t threshold = 0; threshold < levels.size(); ++threshold) {
    lines_.clear();
    const Logger log = make(levels[threshold], LogFormat::Text);
    for (std::size_t i = 0; i < levels.size(); ++i) {
      EXPECT_EQ(log.enabled(levels[i]), i >= threshold);
      log.write(levels[i], "line");
    }
    EXPECT_EQ(lines_.size(), levels.size() - threshold);
  }
}

TEST_F(Log, OffMeansOffForEveryLevel) {
  const Logger log = make(LogLevel::Off, LogFormat::Text);
  for (const LogLevel level : {LogLevel::Debug, LogLevel::Error, LogLevel::Off}) {
    EXPECT_FALSE(log.enabled(level));
    log.write(level, "line");
  }
  EXPECT_TRUE(lines_.empty());
}

TEST_F(Log, OffIsNoLevelToWriteAt) {
  text().write(LogLevel::Off, "line");
  EXPECT_TRUE(lines_.empty());
}

TEST_F(Log, EachLevelHasItsOwnVerb) {
  const Logger log = text();
  log.debug("{}", 1);
  log.info("{}", 2);
  log.warning("{}", 3);
  log.error("{}", 4);
  ASSERT_EQ(lines_.size(), 4U);
  const std::vector<std::string> ends{"D 1", "I 2", "W 3", "E 4"};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_TRUE(lines_[i].ends_with(ends[i])) << lines_[i];
}

TEST_F(Log, StartsATextLineWithTheTimeInUtc) {
  text().info("hello");
  EXPECT_TRUE(std::regex_match(lines_.at(0),
                               std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z I hello)")))
      << lines_.at(0);
}

TEST_F(Log, NamesTheComponent) {
  text().named("scheduler").info("hello");
  EXPECT_EQ(only_text(), "I scheduler: hello");
}

TEST_F(Log, SharesItsWriterWithItsCopies) {
  const Logger log = text();
  log.named("a").named("b").info("hello");
  EXPECT_EQ(only_text(), "I b: hello");
}

TEST_F(Log, WritesFieldsAsKeyAndValue) {
  text().write(LogLevel::Info, "done",
               {{"id", std::string_view("req_1")}, {"tokens", std::int64_t{-5}}, {"ms", 1.5}});
  EXPECT_EQ(only_text(), "I done id=req_1 tokens=-5 ms=1.500");
}

TEST_F(Log, QuotesAValueThatCouldPassForFields) {
  text().write(LogLevel::Info, "x",
               {{"a", std::string_view("1 b=2")},
                {"c", std::string_view("")},
                {"d", std::string_view("\" e=1")}});
  EXPECT_EQ(only_text(), R"(I x a="1 b=2" c="" d="\" e=1")");
}

TEST_F(Log, LetsNobodyForgeALineOrSendTerminalCodes) {
  text().write(LogLevel::Info, "one\ntwo\x1b[2J", {{"k", std::string_view("v\r\n\x1b]0;x\x07")}});
  EXPECT_EQ(only_text(), R"(I one\ntwo\x1b[2J k=v\r\n\x1b]0;x\x07)");
}

TEST_F(Log, TakesPercentAndBracesOfForeignTextLiterally) {
  text().write(LogLevel::Info, "%v %l {} {0}");
  EXPECT_EQ(only_text(), "I %v %l {} {0}");
}

TEST_F(Log, WritesAnEmptyMessage) {
  text().write(LogLevel::Info, "");
  EXPECT_EQ(only_text(), "I ");
}

TEST_F(Log, WritesOneJsonObjectALine) {
  json().named("http").write(
      LogLevel::Warning, "slow \"client\"\n",
      {{"peer", std::string_view("127.0.0.1")}, {"n", std::int64_t{3}}, {"s", 0.25}});
  const boost::json::object line = only_json();
  EXPECT_EQ(line.at("level"), "warning");
  EXPECT_EQ(line.at("component"), "http");
  EXPECT_EQ(line.at("message"), "slow \"client\"\n");
  EXPECT_EQ(line.at("peer"), "127.0.0.1");
  EXPECT_EQ(line.at("n"), 3);
  EXPECT_EQ(line.at("s"), 0.25);
  EXPECT_TRUE(line.at("time").as_string().ends_with("Z"));
  EXPECT_EQ(lines_[0].find('\n'), std::string::npos);
}

TEST_F(Log, WritesValidJsonWhateverTheBytes) {
  json().write(LogLevel::Info, std::string_view("\xFF\xC3(\0%v", 6),
               {{"key \"x\"", std::string_view("\xE2\x82")}});
  const boost::json::object line = only_json();
  EXPECT_EQ(line.at("message"), boost::json::string("\xEF\xBF\xBD\xEF\xBF\xBD(\0%v", 10));
  EXPECT_EQ(line.at("key \"x\""), "\xEF\xBF\xBD");
}

TEST_F(Log, WritesNumbersThatJsonDoesNotKnowAsNull) {
  for (const double value : {std::nan(""), std::numeric_limits<double>::infinity(),
                             -std::numeric_limits<double>::infinity()}) {
    lines_.clear();
    json().write(LogLevel::Info, "x", {{"n", value}});
    EXPECT_TRUE(only_json().at("n").is_null());
  }
}

TEST_F(Log, NeverInterleavesLinesOfSeveralThreads) {
  const Logger log = json();
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([log, t] {
        for (int i = 0; i < 500; ++i)
          log.named(fmt::format("t{}", t)).info("{}", std::string(50, 'x'));
      });
    }
  }
  ASSERT_EQ(lines_.size(), 2000U);
  for (const std::string& line : lines_) {
    EXPECT_EQ(boost::json::parse(line).at("message").as_string(), std::string(50, 'x'));
  }
}

TEST_F(Log, SurvivesAWriterThatThrows) {
  const Logger log = Logger::to_writer(LogLevel::Info, LogFormat::Text,
                                       [](std::string_view) { throw std::runtime_error("full"); });
  testing::internal::CaptureStderr();
  EXPECT_NO_THROW(log.info("hello"));
  testing::internal::GetCapturedStderr();
}

TEST(LogToStderr, WritesWholeLinesFromSeveralThreads) {
  testing::internal::CaptureStderr();
  {
    const Logger log = Logger::to_stderr(LogLevel::Info, LogFormat::Text);
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([log, t] {
        for (int i = 0; i < 100; ++i) log.info("line {}.{}.", t, i);
      });
    }
  }
  std::istringstream written(testing::internal::GetCapturedStderr());
  std::set<std::string> ends;
  for (std::string line; std::getline(written, line);) {
    EXPECT_TRUE(std::regex_match(line, std::regex(R"(\S+ I line \d\.\d+\.)"))) << line;
    ends.insert(line.substr(line.find("line")));
  }
  EXPECT_EQ(ends.size(), 400U);
}

TEST_F(Log, ChangesTheLevelOfAllCopies) {
  const Logger logger = make(LogLevel::Warning, LogFormat::Text);
  const Logger named = logger.named("http");
  named.info("unheard");
  logger.set_level(LogLevel::Info);
  named.info("heard");
  EXPECT_EQ(only_text(), "I http: heard");
  Logger().set_level(LogLevel::Info);
}

}  // namespace
}  // namespace shimmy::base
