#include "cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <any>
#include <cstdlib>

#include "cli/diag.h"
#include "cli/generate.h"
#include "cli/list.h"
#include "cli/probe.h"
#include "support/temp_dir.h"

namespace shimmy::cli {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using Arguments = std::vector<std::string>;

// The variables that parse_command_line reads must not come from the machine of the test.
class CommandLineTest : public testing::Test {
 protected:
  void SetUp() override { set("XDG_CONFIG_HOME", temp_.path().string()); }

  void TearDown() override {
    for (const std::string& name : set_) unsetenv(name.c_str());
  }

  void set(const std::string& name, const std::string& value) {
    setenv(name.c_str(), value.c_str(), 1);
    set_.push_back(name);
  }

  template <class Options>
  static Options parse(const Arguments& arguments) {
    const auto line = parse_command_line(arguments);
    if (!line) {
      ADD_FAILURE() << line.error().message;
      return {};
    }
    const std::any none;
    const auto* options =
        std::any_cast<Options>(line->invocation ? &line->invocation->options : &none);
    EXPECT_NE(options, nullptr);
    return options != nullptr ? *options : Options{};
  }

  static std::string text(const Arguments& arguments) {
    const auto line = parse_command_line(arguments);
    return line ? line->text.value_or("no text") : line.error().message;
  }

  static std::string error(const Arguments& arguments) {
    const auto line = parse_command_line(arguments);
    if (line) return "no error";
    EXPECT_EQ(line.error().code, base::ErrorCode::InvalidRequest);
    return line.error().message;
  }

  const support::TempDir temp_;

 private:
  std::vector<std::string> set_;
};

TEST_F(CommandLineTest, TakesEveryFlagOfGenerate) {
  const auto options = parse<GenerateOptions>({"generate",
                                               "phi",
                                               "--prompt",
                                               "Hello",
                                               "--max-tokens",
                                               "50",
                                               "--temperature",
                                               "0.7",
                                               "--top-p",
                                               "0.9",
                                               "--top-k",
                                               "20",
                                               "--min-p",
                                               "0.1",
                                               "--seed",
                                               "7",
                                               "--stop",
                                               "A",
                                               "--stop",
                                               "B",
                                               "--system",
                                               "Be it.",
                                               "--json",
                                               "--stats",
                                               "--ctx",
                                               "4096",
                                               "--threads",
                                               "2",
                                               "--raw",
                                               "--model-dir",
                                               "/a",
                                               "--model-dir=/b"});
  EXPECT_EQ(options.model, "phi");
  EXPECT_EQ(options.prompt, "Hello");
  EXPECT_EQ(options.max_tokens, 50);
  EXPECT_FLOAT_EQ(options.sampling.temperature, 0.7F);
  EXPECT_FLOAT_EQ(options.sampling.top_p, 0.9F);
  EXPECT_EQ(options.sampling.top_k, 20);
  EXPECT_FLOAT_EQ(options.sampling.min_p, 0.1F);
  EXPECT_EQ(options.sampling.seed, 7U);
  EXPECT_THAT(options.stop, ElementsAre("A", "B"));
  EXPECT_EQ(options.system, "Be it.");
  EXPECT_TRUE(options.json && options.stats);
  EXPECT_EQ(options.engine.context_tokens, 4096U);
  EXPECT_EQ(options.engine.threads, 2U);
  EXPECT_EQ(options.style, PromptStyle::Raw);
  EXPECT_THAT(options.model_dirs, ElementsAre("/a", "/b"));
}

TEST_F(CommandLineTest, KeepsDefaults) {
  const auto options = parse<GenerateOptions>({"generate", "-p", "x"});
  EXPECT_EQ(options.max_tokens, -1);
  EXPECT_FALSE(options.sampling.seed);
  EXPECT_EQ(options.style, PromptStyle::Auto);
  EXPECT_TRUE(options.engine.mmap);
}

TEST_F(CommandLineTest, TakesWhichKernelsMultiply) {
  using kernels::Choice;
  EXPECT_EQ(parse<ProbeOptions>({"probe"}).engine.kernels, Choice::Auto);
  EXPECT_EQ(parse<ProbeOptions>({"probe", "--kernels", "ggml"}).engine.kernels, Choice::Ggml);
  EXPECT_EQ(parse<GenerateOptions>({"generate", "-p", "x", "--kernels=shimmy"}).engine.kernels,
            Choice::Shimmy);
  EXPECT_THAT(error({"probe", "--kernels", "fast"}), HasSubstr("auto, ggml and shimmy are"));
}

TEST_F(CommandLineTest, TakesTheModelAsFlagToo) {
  EXPECT_EQ(parse<GenerateOptions>({"generate", "-p", "x", "--model", "phi"}).model, "phi");
  EXPECT_EQ(parse<ProbeOptions>({"probe", "phi"}).model, "phi");
  EXPECT_THAT(error({"generate", "a", "--model", "b"}), HasSubstr("Two models are named, a and b"));
}

TEST_F(CommandLineTest, TakesTextsThatLookLikeFlags) {
  EXPECT_EQ(parse<GenerateOptions>({"generate", "-p", "- one item"}).prompt, "- one item");
  EXPECT_EQ(parse<GenerateOptions>({"generate", "-p", "-"}).prompt, "-");
  EXPECT_EQ(parse<GenerateOptions>({"generate", "--prompt=--help"}).prompt, "--help");
  EXPECT_EQ(parse<GenerateOptions>({"generate", "-p", ""}).prompt, "");
  EXPECT_EQ(parse<GenerateOptions>({"generate", "list", "-p", "serve"}).model, "list");
}

TEST_F(CommandLineTest, TakesServeAddress) {
  const auto plain = parse<app::ServeOptions>({"serve"});
  EXPECT_EQ(plain.bind.host, "127.0.0.1");
  EXPECT_EQ(plain.bind.port, 11435);
  EXPECT_EQ(plain.drain_timeout.count(), 30);
  const auto both =
      parse<app::ServeOptions>({"serve", "--bind", "127.0.0.1:11435", "--port", "8080"});
  EXPECT_EQ(both.bind.port, 8080);
  EXPECT_EQ(parse<app::ServeOptions>({"serve", "--bind", "0.0.0.0"}).bind.host, "0.0.0.0");
}

TEST_F(CommandLineTest, ReadsVariablesBesideFlags) {
  set("SHIMMY_BIND", "0.0.0.0:80");
  set("SHIMMY_THREADS", "3");
  const auto options = parse<app::ServeOptions>({"serve"});
  EXPECT_EQ(app::to_string(options.bind), "0.0.0.0:80");
  EXPECT_EQ(options.engine.threads, 3U);
  EXPECT_EQ(parse<app::ServeOptions>({"serve", "--bind", "::1"}).bind.host, "::1");
}

TEST_F(CommandLineTest, ReadsTheOlderNameOfBind) {
  set("SHIMMY_BIND_ADDRESS", "127.0.0.1:9000");
  EXPECT_EQ(parse<app::ServeOptions>({"serve"}).bind.port, 9000);
}

TEST_F(CommandLineTest, ServesTheModelOfTheEnvironmentUnlessOneIsNamed) {
  set("SHIMMY_MODEL", "phi");
  EXPECT_EQ(parse<app::ServeOptions>({"serve"}).model, "phi");
  EXPECT_EQ(parse<app::ServeOptions>({"serve", "qwen"}).model, "qwen");
}

TEST_F(CommandLineTest, RefusesBadVariableOfItsCommandOnly) {
  set("SHIMMY_PORT", "abc");
  EXPECT_THAT(error({"serve"}), HasSubstr("SHIMMY_PORT"));
  EXPECT_TRUE(parse_command_line(Arguments{"--version"}));
}

struct BadCase {
  Arguments arguments;
  const char* says;
};

TEST_F(CommandLineTest, ExplainsWhatIsWrong) {
  const std::vector<BadCase> cases{
      {{"genrate"}, "Did you mean generate?"},
      {{"frobnicate"}, "There is no command frobnicate. See shimmy --help."},
      {{"generate", "--promt", "x"}, "There is no flag --promt. Did you mean --prompt?"},
      {{"generate", "--temprature=1"}, "Did you mean --temperature?"},
      {{"list", "--jsn"}, "Did you mean --json?"},
      {{"--versoin"}, "Did you mean --version"},
      {{"serve", "--zzzzzz"}, "See shimmy serve --help."},
      {{"list", "phi"}, "What is \"phi\"?"},
      {{"generate", "a", "b"}, "What is \"b\"?"},
      {{"--bogus", "list"}, "--bogus must not stand before the command. Write shimmy list first."},
      {{"--model-dir", "/m", "list"}, "--model-dir must not stand before the command"},
      {{"nonsense", "list"}, "nonsense must not stand before the command"},
      {{"generate", "--top-k", "many"}, "top-k"},
      {{"generate", "--seed", "-1"}, "seed"},
      {{"generate", "--temperature"}, "temperature"},
      {{"generate", "--chat", "--raw"}, "contradict"},
      {{"serve", "--port", "65536"}, "port"},
      {{"serve", "--port", "-1"}, "port"},
      {{"serve", "--bind", "nonsense:port"}, "not a port"},
      {{"serve", "--drain-timeout", "-1"}, "--drain-timeout"},
      {{"list", "--log-level", "loud"}, "\"loud\" is no log level"},
      {{"--log-format", "xml", "list"}, "\"xml\" is no log format"},
  };
  for (const BadCase& bad : cases) {
    EXPECT_THAT(error(bad.arguments), HasSubstr(bad.says)) << testing::PrintToString(bad.arguments);
  }
}

TEST_F(CommandLineTest, TakesGlobalFlagsBeforeAndAfterTheCommand) {
  for (const Arguments& arguments : {Arguments{"-v", "list"}, Arguments{"list", "--verbose"}}) {
    const auto line = parse_command_line(arguments);
    ASSERT_TRUE(line);
    EXPECT_EQ(line->log_level, base::LogLevel::Debug);
  }
  const auto json = parse_command_line(Arguments{"list", "--log-format", "json"});
  ASSERT_TRUE(json);
  EXPECT_EQ(json->log_format, base::LogFormat::Json);
}

TEST_F(CommandLineTest, LogsMoreWhenServing) {
  EXPECT_EQ(parse_command_line(Arguments{"serve"})->log_level, base::LogLevel::Info);
  EXPECT_EQ(parse_command_line(Arguments{"list"})->log_level, base::LogLevel::Warning);
}

TEST_F(CommandLineTest, PrintsHelpWithExamples) {
  EXPECT_THAT(text({"--help"}), AllOf(HasSubstr("generate"), HasSubstr("serve"), HasSubstr("diag"),
                                      HasSubstr("Examples:")));
  EXPECT_THAT(text({"generate", "-h"}),
              AllOf(HasSubstr("--max-tokens"), HasSubstr("Examples:"), HasSubstr("cat notes.txt")));
  EXPECT_THAT(text({"list", "-h"}), Not(HasSubstr("Examples:")));
  EXPECT_THAT(help_text(), HasSubstr("probe"));
}

TEST_F(CommandLineTest, PrintsVersion) {
  EXPECT_THAT(text({"-V"}), testing::StartsWith("shimmy 0.1.0 ("));
}

TEST_F(CommandLineTest, TakesNoCommandAsNone) {
  const auto line = parse_command_line(Arguments{});
  ASSERT_TRUE(line);
  EXPECT_FALSE(line->text);
  EXPECT_FALSE(line->invocation);
}

TEST_F(CommandLineTest, ReadsTheConfigurationFileForServe) {
  temp_.write("shimmy/config.toml",
              "[server]\nport = 7000\n[engine]\nthreads = 5\n[log]\nlevel = 'error'\n");
  set("SHIMMY_THREADS", "3");
  const auto options = parse<app::ServeOptions>({"serve"});
  EXPECT_EQ(options.bind.port, 7000);
  EXPECT_EQ(options.engine.threads, 3U);
  EXPECT_EQ(parse<app::ServeOptions>({"serve", "--threads", "2"}).engine.threads, 2U);
  EXPECT_EQ(parse_command_line(Arguments{"serve"})->log_level, base::LogLevel::Error);
  EXPECT_EQ(parse_command_line(Arguments{"serve", "-v"})->log_level, base::LogLevel::Debug);
  EXPECT_EQ(parse_command_line(Arguments{"list"})->log_level, base::LogLevel::Warning);
}

TEST_F(CommandLineTest, ReadsTheConfigurationFileThatIsNamed) {
  const auto file = temp_.write("mine.toml", "[server]\nport = 7001\n").string();
  EXPECT_EQ(parse<app::ServeOptions>({"serve", "--config", file}).bind.port, 7001);
  set("SHIMMY_CONFIG", file);
  EXPECT_EQ(parse<app::ServeOptions>({"serve"}).bind.port, 7001);
  EXPECT_EQ(parse<app::ServeOptions>({"serve"}).sources.file, file);
}

TEST_F(CommandLineTest, RefusesAConfigurationFileWithMistakesOnlyWhereItIsRead) {
  temp_.write("shimmy/config.toml", "[server]\nprot = 7000\n");
  EXPECT_THAT(error({"serve"}), HasSubstr("has 1 problem."));
  EXPECT_TRUE(parse_command_line(Arguments{"list"}));
}

TEST_F(CommandLineTest, TakesRulesOfAccess) {
  const auto options = parse<app::ServeOptions>(
      {"serve", "--api-key", "a", "--api-key", "b,c", "--allowed-host", "llm.lan",
       "--allowed-origin", "https://app.example", "--rate-limit-requests", "60",
       "--rate-limit-tokens", "9000000000", "--keep-alive", "forever", "--memory", "4GB"});
  EXPECT_THAT(options.access.api_keys, ElementsAre("a", "b", "c"));
  EXPECT_THAT(options.access.allowed_hosts, ElementsAre("llm.lan"));
  EXPECT_THAT(options.access.allowed_origins, ElementsAre("https://app.example"));
  EXPECT_EQ(options.access.requests_per_minute, 60);
  EXPECT_EQ(options.access.tokens_per_minute, 9'000'000'000);
  EXPECT_EQ(options.keep_alive.duration, std::nullopt);
  EXPECT_EQ(options.memory_budget_bytes, 4'000'000'000U);
  EXPECT_THAT(error({"serve", "--rate-limit-tokens", "-1"}), HasSubstr("--rate-limit-tokens must"));
  EXPECT_THAT(error({"serve", "--api-key", ""}), HasSubstr("An API key is empty"));
  EXPECT_THAT(error({"serve", "--port", "1", "--port", "2"}), HasSubstr("port"));
}

TEST_F(CommandLineTest, TellsFlagsFromVariables) {
  set("SHIMMY_PORT", "80");
  const auto place = [](const app::ServeOptions& options) {
    return std::ranges::find(options.settings, "server.port", &app::EffectiveSetting::key)->place;
  };
  EXPECT_EQ(place(parse<app::ServeOptions>({"serve"})), "$SHIMMY_PORT");
  EXPECT_EQ(place(parse<app::ServeOptions>({"serve", "--port", "81"})), "--port");
}

}  // namespace
}  // namespace shimmy::cli
