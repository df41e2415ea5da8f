#include "cli/dispatch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/cli_fixture.h"

namespace shimmy::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class DispatchTest : public CliFixture {
 protected:
  int run(const std::vector<std::string>& arguments) {
    return dispatch(arguments, terminal_, [this](const base::Logger&) {
      ++services_made_;
      return services_;
    });
  }

  int services_made_ = 0;
  std::string named_;  // of the model that the server was started with
};

TEST_F(DispatchTest, PrintsVersionWithoutServices) {
  EXPECT_EQ(run({"--version"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("shimmy 0.1.0"));
  EXPECT_EQ(services_made_, 0);
}

TEST_F(DispatchTest, PrintsHelpToStdout) {
  EXPECT_EQ(run({"serve", "--help"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("--bind"));
  EXPECT_EQ(err_.str(), "");
}

TEST_F(DispatchTest, AnswersUsageErrorWithTwo) {
  EXPECT_EQ(run({"lst"}), 2);
  EXPECT_EQ(out_.str(), "");
  EXPECT_THAT(err_.str(), HasSubstr("Did you mean list?"));
  EXPECT_EQ(services_made_, 0);
}

TEST_F(DispatchTest, ShowsStatusOnTerminal) {
  terminal_.out_is_tty = true;
  EXPECT_EQ(run({}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("Next"));
}

TEST_F(DispatchTest, ShowsHelpWithoutTerminal) {
  EXPECT_EQ(run({}), 2);
  EXPECT_EQ(out_.str(), "");
  EXPECT_THAT(err_.str(), HasSubstr("Examples:"));
}

TEST_F(DispatchTest, RunsCommands) {
  add_model("tiny");
  EXPECT_EQ(run({"list", "-s"}), 0);
  EXPECT_EQ(out_.str(), "tiny\n");
  script_hello();
  EXPECT_EQ(run({"generate", "-p", "Hi"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("Hello world"));
  script_hello();
  EXPECT_EQ(run({"probe"}), 0);
  EXPECT_EQ(run({"diag"}), 0);
}

TEST_F(DispatchTest, ServesWithStartLines) {
  add_model("tiny");
  app::ServeOptions seen;
  services_.serve = [&](const app::ServeOptions& options, const app::Announce& ready,
                        const std::stop_token&) -> base::Result<void> {
    seen = options;
    ready(options.bind, {services_.scan({}).entries(), named_});
    return {};
  };
  EXPECT_EQ(run({"serve", "--port", "8080"}), 0);
  EXPECT_EQ(seen.bind.port, 8080);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("127.0.0.1:8080"), HasSubstr("1 model: tiny"),
                                HasSubstr("http://127.0.0.1:8080/v1"), HasSubstr("curl -N"),
                                HasSubstr(R"("model":"tiny")")));
  EXPECT_EQ(out_.str(), "");
}

TEST_F(DispatchTest, TheExampleToTryIsOfTheModelThatWasNamed) {
  add_model("first");
  add_model("second");
  named_ = "second";
  services_.serve = [&](const app::ServeOptions& options, const app::Announce& ready,
                        const std::stop_token&) -> base::Result<void> {
    ready(options.bind, {services_.scan({}).entries(), named_});
    return {};
  };
  EXPECT_EQ(run({"serve", "second"}), 0);
  EXPECT_THAT(err_.str(),
              AllOf(HasSubstr("2 models: first, second"), HasSubstr(R"("model":"second")")));
}

TEST_F(DispatchTest, PrintsNothingOfAModelsNameThatTerminalsObey) {
  add_model("evil\x1b[2J\"");
  services_.serve = [&](const app::ServeOptions& options, const app::Announce& ready,
                        const std::stop_token&) -> base::Result<void> {
    ready(options.bind, {services_.scan({}).entries(), named_});
    return {};
  };
  EXPECT_EQ(run({"serve"}), 0);
  EXPECT_EQ(err_.str().find('\x1b'), std::string::npos);
  EXPECT_THAT(err_.str(), HasSubstr(R"("model":"evil\u001b[2J\"")"));
}

TEST_F(DispatchTest, TellsHowToReachAServerWithAKeyAndACertificate) {
  add_model("tiny");
  services_.serve = [&](const app::ServeOptions& options, const app::Announce& ready,
                        const std::stop_token&) -> base::Result<void> {
    ready(options.bind, {services_.scan({}).entries(), named_});
    return {};
  };
  EXPECT_EQ(run({"serve", "--bind", "0.0.0.0", "--api-key", "secret-secret-1", "--tls-cert",
                 "c.pem", "--tls-key", "k.pem"}),
            0);
  EXPECT_THAT(
      err_.str(),
      AllOf(HasSubstr("https://127.0.0.1:11435/v1\nAPI key: yours\n"),
            HasSubstr("curl -N --cacert c.pem -H \"Authorization: Bearer $SHIMMY_API_KEY\" "),
            Not(HasSubstr("secret")), Not(HasSubstr("Warning"))));
  EXPECT_EQ(run({"serve", "--bind", "unix:/tmp/s.sock"}), 0);
  EXPECT_THAT(err_.str(), HasSubstr("curl -N --unix-socket /tmp/s.sock http://localhost/v1/"));
}

TEST_F(DispatchTest, WarnsOfPublicAddress) {
  services_.serve = [&](const app::ServeOptions& options, const app::Announce& ready,
                        const std::stop_token&) -> base::Result<void> {
    ready(options.bind, {services_.scan({}).entries(), named_});
    return {};
  };
  EXPECT_EQ(run({"serve", "--bind", "0.0.0.0"}), 0);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("Warning"), HasSubstr("No models were found")));
}

TEST_F(DispatchTest, ReportsServerThatCannotStart) {
  services_.serve = [](const app::ServeOptions&, const app::Announce&,
                       const std::stop_token&) -> base::Result<void> {
    return base::fail(base::ErrorCode::Io, "The port is taken.");
  };
  EXPECT_EQ(run({"serve"}), 1);
  EXPECT_EQ(err_.str(), "shimmy: The port is taken.\n");
}

}  // namespace
}  // namespace shimmy::cli
