#include "cli/pull.h"

#include <gmock/gmock.h>

#include "cli/cli_fixture.h"
#include "cli/remove.h"
#include "models/alias_store.h"
#include "support/fake_http_client.h"

namespace shimmy::cli {
namespace {

using base::Result;
using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

class PullCommandTest : public CliFixture {
 protected:
  PullCommandTest() {
    environment_["XDG_DATA_HOME"] = (temp_.path() / "data").string();
    services_.puller = [this](const std::string& directory) -> Result<pull::Puller> {
      pull::Endpoints endpoints;
      endpoints.hub = "https://hub";
      return pull::Puller({.client = client_,
                           .endpoints = endpoints,
                           .directory = directory.empty() ? models_ : fs::path(directory),
                           .limits = {.attempts = 1}});
    };
    services_.scan = [this](std::span<const std::string>) {
      return models::Catalog::scan(std::vector<models::ModelDir>{
          {models_, "user models"}, {temp_.path() / "found", "./models"}});
    };
    client_->answer("GET https://hub/api/models/org/repo/tree/main?recursive=true",
                    {.body = "[" + entry("m-Q4_K_M.gguf") + "," + entry("m-Q8_0.gguf") + "]"});
    for (const std::string name : {"m-Q4_K_M.gguf", "m-Q8_0.gguf"}) {
      client_->answer("GET https://hub/org/repo/resolve/main/" + name, {.body = model_});
    }
  }

  // Without a hash: the servers of these tests say none.
  std::string entry(const std::string& name) {
    client_->answer("HEAD https://hub/org/repo/resolve/main/" + name, support::FakeAnswer{});
    return R"({"path":")" + name + R"(","size":)" + std::to_string(model_.size()) + "}";
  }

  int run(const PullOptions& options) { return pull(options, terminal_, services_); }

  void at_a_terminal(const std::string& input) {
    in_.str(input);
    terminal_.in_is_tty = true;
    terminal_.err_is_tty = true;
    terminal_.width = 80;
  }

  const std::shared_ptr<support::FakeHttpClient> client_ =
      std::make_shared<support::FakeHttpClient>();
  const std::string model_ = support::small_model().bytes();
  const fs::path models_ = temp_.path() / "data" / "shimmy" / "models";
};

TEST_F(PullCommandTest, TakesTheUsualOneWithoutATerminal) {
  EXPECT_EQ(run({"org/repo"}), 0) << err_.str();
  EXPECT_TRUE(fs::exists(models_ / "org/repo/m-Q4_K_M.gguf"));
  EXPECT_THAT(out_.str(),
              HasSubstr("org/repo:Q4_K_M is there now. Use it with:\n  shimmy serve m-Q4_K_M\n"));
  EXPECT_THAT(err_.str(), HasSubstr("Pulling org/repo:Q4_K_M ("));
}

TEST_F(PullCommandTest, AsksAtATerminal) {
  at_a_terminal("9\nnonsense\n2\n");
  EXPECT_EQ(run({"org/repo"}), 0) << err_.str();
  EXPECT_TRUE(fs::exists(models_ / "org/repo/m-Q8_0.gguf"));
  EXPECT_THAT(err_.str(), HasSubstr("Type a number from 1 to 2"));
}

TEST_F(PullCommandTest, TakesANameOrNothingForAnAnswer) {
  at_a_terminal("q8_0\n");
  EXPECT_EQ(run({"org/repo"}), 0);
  EXPECT_TRUE(fs::exists(models_ / "org/repo/m-Q8_0.gguf"));
  in_.clear();
  at_a_terminal("\n");
  EXPECT_EQ(run({"org/repo"}), 0);
  EXPECT_TRUE(fs::exists(models_ / "org/repo/m-Q4_K_M.gguf"));
}

TEST_F(PullCommandTest, DoesNothingWithoutAnAnswer) {
  at_a_terminal("");
  EXPECT_EQ(run({"org/repo"}), 130);
  EXPECT_FALSE(fs::exists(models_));
}

TEST_F(PullCommandTest, AsksNothingWhereThatIsWished) {
  at_a_terminal("");
  EXPECT_EQ(run({.reference = "org/repo", .yes = true}), 0);
  EXPECT_EQ(run({.reference = "org/repo", .quantization = "Q8_0"}), 0);
}

TEST_F(PullCommandTest, SaysWhatWentWrong) {
  EXPECT_EQ(run({"org/other"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("shimmy: Cannot connect"));
  EXPECT_EQ(run({"../x"}), 2);
  EXPECT_EQ(out_.str(), "");
}

TEST_F(PullCommandTest, KeepsWhatCameWhenItIsInterrupted) {
  client_->answer("GET https://hub/org/repo/resolve/main/m-Q4_K_M.gguf",
                  [this](const transfer::Request&) -> Result<support::FakeAnswer> {
                    stop_.request_stop();
                    return support::FakeAnswer{
                        .body = model_.substr(0, 800),
                        .failure = base::Error{base::ErrorCode::Cancelled, "stopped", {}, {}}};
                  });
  EXPECT_EQ(run({"org/repo"}), 130);
  EXPECT_THAT(err_.str(), HasSubstr("Stopped. 400 B are kept: repeat the command"));
  EXPECT_TRUE(fs::exists(models_ / "org/repo/m-Q4_K_M.gguf.part"));
}

TEST_F(PullCommandTest, WritesJsonForPrograms) {
  EXPECT_EQ(run({.reference = "org/repo", .json = true}), 0);
  EXPECT_THAT(out_.str(), HasSubstr(R"({"status":"downloading","file":"m-Q4_K_M.gguf")"));
  EXPECT_THAT(out_.str(), HasSubstr(R"({"status":"success","model":"m-Q4_K_M")"));
  EXPECT_EQ(err_.str(), "");
  out_.str("");
  EXPECT_EQ(run({.reference = "org/other", .json = true}), 1);
  EXPECT_THAT(out_.str(), HasSubstr(R"({"status":"error","code":"unavailable")"));
}

class RemoveCommandTest : public PullCommandTest {
 protected:
  int remove_models(std::vector<std::string> names, bool yes) {
    err_.str("");
    return remove({std::move(names), yes}, terminal_, services_);
  }
};

TEST_F(RemoveCommandTest, RemovesWhatWasPulled) {
  ASSERT_EQ(run({"org/repo"}), 0);
  EXPECT_EQ(remove_models({"m-Q4_K_M"}, true), 0) << err_.str();
  EXPECT_TRUE(fs::is_empty(models_));
  EXPECT_THAT(out_.str(), HasSubstr("Removed m-Q4_K_M ("));
}

TEST_F(RemoveCommandTest, AsksFirst) {
  ASSERT_EQ(run({"org/repo"}), 0);
  EXPECT_EQ(remove_models({"m-Q4_K_M"}, false), 2);
  EXPECT_THAT(err_.str(), HasSubstr("--yes"));
  at_a_terminal("n\n");
  EXPECT_EQ(remove_models({"m-Q4_K_M"}, false), 130);
  EXPECT_TRUE(fs::exists(models_ / "org/repo/m-Q4_K_M.gguf"));
  at_a_terminal("y\n");
  EXPECT_EQ(remove_models({"m-Q4_K_M"}, false), 0);
  EXPECT_FALSE(fs::exists(models_ / "org"));
}

TEST_F(RemoveCommandTest, OfAnAliasOnlyTheNameGoes) {
  ASSERT_EQ(run({"org/repo"}), 0);
  const models::AliasStore aliases(models::alias_file(services_.environment));
  ASSERT_TRUE(aliases.add("Copy", "m-Q4_K_M", {}));
  out_.str("");
  EXPECT_EQ(remove_models({"copy"}, false), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("Copy is no alias any more. Its model stays."));
  EXPECT_TRUE(aliases.load()->empty());
  EXPECT_TRUE(fs::exists(models_ / "org/repo/m-Q4_K_M.gguf"));
}

TEST_F(RemoveCommandTest, RemovesNothingThatIsNotItsOwn) {
  ASSERT_EQ(run({"org/repo"}), 0);

  temp_.write("found/foreign.gguf", model_);

  EXPECT_EQ(remove_models({"m-Q4_K_M", "foreign"}, true), 2);
  EXPECT_THAT(err_.str(), HasSubstr("not shimmy's to remove"));
  EXPECT_TRUE(fs::exists(models_ / "org/repo/m-Q4_K_M.gguf"));
  EXPECT_TRUE(fs::exists(temp_.path() / "found/foreign.gguf"));
}

TEST_F(RemoveCommandTest, SaysThatThereIsNoSuchModel) {
  EXPECT_EQ(remove_models({"nothing"}, true), 2);
  EXPECT_THAT(err_.str(), HasSubstr("nothing"));
}

TEST_F(RemoveCommandTest, RemovesWhatAStoppedPullLeft) {
  fs::create_directories(models_ / "org/repo");
  temp_.write("data/shimmy/models/org/repo/m.gguf.part", "bytes");
  temp_.write("data/shimmy/models/org/repo/m.gguf.part.json", "{}");
  EXPECT_EQ(remove_models({"org/repo:Q4_K_M"}, true), 0) << err_.str();
  EXPECT_TRUE(fs::is_empty(models_));
}

}  // namespace
}  // namespace shimmy::cli
