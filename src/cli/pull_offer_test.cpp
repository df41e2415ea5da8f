#include "cli/pull_offer.h"

#include <gmock/gmock.h>

#include "cli/chat.h"
#include "cli/cli_fixture.h"
#include "support/fake_http_client.h"

namespace shimmy::cli {
namespace {

using base::ErrorCode;
using base::Result;
using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

class PullOfferTest : public CliFixture {
 protected:
  PullOfferTest() {
    services_.puller = [this](const std::string&) -> Result<pull::Puller> {
      pull::Endpoints endpoints;
      endpoints.hub = "https://hub";
      endpoints.registry = "https://registry";
      return pull::Puller({.client = client_,
                           .endpoints = endpoints,
                           .directory = temp_.path(),
                           .limits = {.attempts = 1}});
    };
    const std::string files =
        R"([{"path":"m-Q4_K_M.gguf","size":)" + std::to_string(model_.size()) + "}]";
    client_->answer("GET https://hub/api/models/org/repo/tree/main?recursive=true",
                    {.body = files});
    client_->answer("HEAD https://hub/org/repo/resolve/main/m-Q4_K_M.gguf", support::FakeAnswer{});
    client_->answer("GET https://hub/org/repo/resolve/main/m-Q4_K_M.gguf", {.body = model_});
  }

  Result<std::string> offer(const std::string& name) {
    return offer_pull(name, {ErrorCode::ModelNotFound, "It is not there.", "", ""}, terminal_,
                      services_);
  }

  void at_a_terminal(const std::string& input) {
    in_.str(input);
    terminal_.in_is_tty = terminal_.err_is_tty = true;
    terminal_.width = 80;
  }

  bool is_pulled() const { return fs::exists(temp_.path() / "org/repo/m-Q4_K_M.gguf"); }

  const std::shared_ptr<support::FakeHttpClient> client_ =
      std::make_shared<support::FakeHttpClient>();
  const std::string model_ = support::small_model().bytes();
};

TEST_F(PullOfferTest, AsksWithTheSizeAndPulls) {
  for (const char* answer : {"\n", "y\n", "Yes\n"}) {
    at_a_terminal(answer);
    in_.clear();
    const auto name = offer("org/repo");
    ASSERT_TRUE(name) << name.error().message;
    EXPECT_EQ(*name, "m-Q4_K_M");
    EXPECT_TRUE(is_pulled());
  }
  EXPECT_THAT(err_.str(), HasSubstr("org/repo is not on this machine."));
  EXPECT_THAT(err_.str(), HasSubstr("Pull org/repo:Q4_K_M (1.2 kB)? [Y/n] "));
}

TEST_F(PullOfferTest, LeavesItWhereTheUserDoesNotWantIt) {
  at_a_terminal("n\n");
  const auto name = offer("org/repo");
  ASSERT_FALSE(name);
  EXPECT_EQ(name.error().message, "It is not there.");
  EXPECT_FALSE(is_pulled());
}

TEST_F(PullOfferTest, LeavesItWithoutAnAnswer) {
  at_a_terminal("");
  const auto name = offer("org/repo");
  ASSERT_FALSE(name);
  EXPECT_EQ(name.error().code, ErrorCode::Cancelled);
  EXPECT_FALSE(is_pulled());
}

TEST_F(PullOfferTest, NamesTheCommandWithoutATerminal) {
  for (const char* name : {"org/repo", "hf.co/org/repo:Q8_0", "qwen3:0.6b", "https://h/m.gguf"}) {
    const auto offered = offer(name);
    ASSERT_FALSE(offered);
    EXPECT_EQ(offered.error().message, "It is not there.");
    EXPECT_THAT(offered.error().details, HasSubstr(std::string("shimmy pull ") + name));
  }
  EXPECT_TRUE(client_->requests().empty());
}

TEST_F(PullOfferTest, SaysNothingOfPullingWhereItIsAPath) {
  at_a_terminal("y\n");
  for (const char* name : {"./m.gguf", "/models/m.gguf", "../org/repo", "~/m", "models/m.gguf",
                           "m.gguf/", "a b", "file:///etc/passwd"}) {
    const auto offered = offer(name);
    ASSERT_FALSE(offered) << name;
    EXPECT_EQ(offered.error().details, "") << name;
  }
  EXPECT_TRUE(client_->requests().empty());
}

TEST_F(PullOfferTest, SaysWhyItCannotBePulled) {
  at_a_terminal("y\n");
  client_->answer("GET https://registry/v2/library/tinny/manifests/latest", {.status = 404});
  const auto name = offer("tinny");
  ASSERT_FALSE(name);
  EXPECT_EQ(name.error().message, "It is not there.");
  EXPECT_THAT(name.error().details, HasSubstr("It cannot be pulled: tinny:latest does not exist."));
}

TEST_F(PullOfferTest, RunChatsWithWhatWasPulled) {
  script_hello();
  at_a_terminal("y\n");
  ChatOptions options;
  options.model = "org/repo";
  options.prompt = {"Hi"};
  EXPECT_EQ(chat(options, terminal_, services_), 0) << err_.str();
  EXPECT_TRUE(is_pulled());
  EXPECT_EQ(out_.str(), "Hello world\n");
  EXPECT_EQ(loads_, 1);
}

TEST_F(PullOfferTest, RunAsksForNothingThatANamedServerIsToHave) {
  at_a_terminal("y\n");
  ChatOptions options;
  options.model = "org/repo";
  options.server = "127.0.0.1:1";
  options.prompt = {"Hi"};
  EXPECT_NE(chat(options, terminal_, services_), 0);
  EXPECT_THAT(err_.str(), Not(HasSubstr("Pull ")));
  EXPECT_FALSE(is_pulled());
}

}  // namespace
}  // namespace shimmy::cli
