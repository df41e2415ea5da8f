#include "app/reloader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/configure.h"
#include "support/temp_dir.h"

namespace shimmy::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class ReloaderTest : public testing::Test {
 protected:
  ReloaderTest() {
    write("[server]\nport = 1\n[access]\napi_keys = ['sk-a']\n");
    reloader_ = std::make_unique<Reloader>(
        read().value(), [this] { return read(); },
        base::Logger::to_writer(base::LogLevel::Info, base::LogFormat::Text,
                                [this](std::string_view line) { (log_ += line) += '\n'; }));
    reloader_->add([this](const ServeOptions& options) { applied_.push_back(options); });
  }

  void write(std::string_view text) { file_ = temp_.write("config.toml", text).string(); }

  base::Result<ServeOptions> read() {
    return configure({{}, file_}, [](std::string_view) { return std::nullopt; });
  }

  ReloadOutcome reload() {
    auto outcome = reloader_->reload();
    EXPECT_TRUE(outcome) << outcome.error().details;
    return outcome.value_or(ReloadOutcome{});
  }

  const support::TempDir temp_;
  std::string file_;
  std::string log_;
  std::vector<ServeOptions> applied_;
  std::unique_ptr<Reloader> reloader_;
};

TEST_F(ReloaderTest, AppliesWhatHasChanged) {
  write("[server]\nport = 1\n[access]\napi_keys = ['sk-b']\n[model.a]\nsystem = 'x'\n");
  const ReloadOutcome outcome = reload();
  EXPECT_EQ(outcome.file, file_);
  EXPECT_THAT(outcome.changed, ElementsAre("access.api_keys", "model.\"a\".system"));
  EXPECT_THAT(outcome.needs_restart, IsEmpty());
  ASSERT_EQ(applied_.size(), 1U);
  EXPECT_THAT(applied_[0].access.api_keys, ElementsAre("sk-b"));
  EXPECT_THAT(log_, HasSubstr("now acts: access.api_keys, "));
  EXPECT_THAT(log_, Not(HasSubstr("sk-")));
  EXPECT_THAT(reload().changed, IsEmpty());
}

TEST_F(ReloaderTest, SeesWhatIsGone) {
  write("[server]\nport = 1\n");
  EXPECT_THAT(reload().changed, ElementsAre("access.api_keys"));
  EXPECT_THAT(applied_.at(0).access.api_keys, IsEmpty());
}

TEST_F(ReloaderTest, TellsWhatNeedsARestartUntilTheRestart) {
  write("[server]\nport = 2\n[access]\napi_keys = ['sk-a']\n");
  for (int i = 0; i < 2; ++i) {
    const ReloadOutcome outcome = reload();
    EXPECT_THAT(outcome.changed, IsEmpty());
    EXPECT_THAT(outcome.needs_restart, ElementsAre("server.port"));
  }
  EXPECT_THAT(log_, HasSubstr("needs a restart to act: server.port"));
  write("[server]\nport = 1\n[access]\napi_keys = ['sk-a']\n");
  EXPECT_THAT(reload().needs_restart, IsEmpty());
}

TEST_F(ReloaderTest, ChangesNothingByABrokenFile) {
  write("[server]\nprot = 1\n[access]\napi_keys = ['sk-b']\n");
  const auto outcome = reloader_->reload();
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().details, HasSubstr(":2:1: There is no setting server.prot"));
  EXPECT_THAT(applied_, IsEmpty());
  EXPECT_THAT(log_, HasSubstr("nothing has changed"));
  write("[server]\nport = 1\n[access]\napi_keys = ['sk-b']\n");
  EXPECT_THAT(reload().changed, ElementsAre("access.api_keys"));
}

TEST_F(ReloaderTest, SeesNewKeysInTheSameFile) {
  temp_.write("keys", "sk-x\n");
  const std::string text =
      "[server]\nport = 1\n[access]\napi_keys = ['sk-a']\napi_key_file = 'keys'\n";
  write(text);
  EXPECT_THAT(reload().changed, ElementsAre("access.api_key_file"));
  temp_.write("keys", "sk-y\n");
  EXPECT_THAT(reload().changed, ElementsAre("access.api_key_file"));
  EXPECT_THAT(applied_.back().access.api_keys, ElementsAre("sk-a", "sk-y"));
}

}  // namespace
}  // namespace shimmy::app
