#include "app/configure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "app/config_report.h"
#include "base/machine.h"
#include "support/temp_dir.h"

namespace shimmy::app {
namespace {

using std::chrono_literals::operator""s;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Source = EffectiveSetting::Source;

class ConfigureTest : public testing::Test {
 protected:
  base::Result<ServeOptions> try_configure() {
    const models::Environment environment =
        [this](std::string_view name) -> std::optional<std::string> {
      const auto found = variables_.find(name);
      if (found == variables_.end()) return std::nullopt;
      return found->second;
    };
    return app::configure({flags_, file_}, environment);
  }

  ServeOptions configure() {
    auto options = try_configure();
    if (options) return std::move(*options);
    ADD_FAILURE() << options.error().message << '\n' << options.error().details;
    return {};
  }

  std::string refusal() {
    const auto options = try_configure();
    return options ? "no error" : options.error().message + '\n' + options.error().details;
  }

  void write(std::string_view text) { file_ = temp_.write("config.toml", text).string(); }

  static const EffectiveSetting& setting(const ServeOptions& options, std::string_view key) {
    const auto found = std::ranges::find(options.settings, key, &EffectiveSetting::key);
    if (found != options.settings.end()) return *found;
    ADD_FAILURE() << "no setting " << key;
    static const EffectiveSetting none;
    return none;
  }

  const support::TempDir temp_;
  std::map<std::string, std::vector<std::string>> flags_;
  std::map<std::string, std::string, std::less<>> variables_;
  std::string file_;
};

TEST_F(ConfigureTest, KeepsDefaultsWithoutAnySource) {
  const ServeOptions options = configure();
  EXPECT_EQ(to_string(options.bind), "127.0.0.1:11435");
  EXPECT_EQ(options.drain_timeout, 30s);
  EXPECT_THAT(options.access.api_keys, IsEmpty());
  EXPECT_EQ(options.access.requests_per_minute, 0);
  EXPECT_EQ(options.memory_budget_bytes, 0U);
  EXPECT_EQ(options.keep_alive, models::KeepAlive{});
  EXPECT_TRUE(options.engine.mmap);
  EXPECT_FALSE(options.log_level);
  EXPECT_EQ(options.config_file, "");
  for (const EffectiveSetting& each : options.settings) EXPECT_EQ(each.source, Source::Default);
}

TEST_F(ConfigureTest, AFlagOutweighsAVariableThatOutweighsTheFile) {
  EXPECT_EQ(configure().engine.threads, 0U);
  write("[engine]\nthreads = 1\n");
  ServeOptions options = configure();
  EXPECT_EQ(options.engine.threads, 1U);
  EXPECT_EQ(setting(options, "engine.threads").place, file_ + ":2");
  variables_["SHIMMY_THREADS"] = "2";
  options = configure();
  EXPECT_EQ(options.engine.threads, 2U);
  EXPECT_EQ(setting(options, "engine.threads").place, "$SHIMMY_THREADS");
  flags_["threads"] = {"3"};
  options = configure();
  EXPECT_EQ(options.engine.threads, 3U);
  EXPECT_EQ(setting(options, "engine.threads").place, "--threads");
  EXPECT_EQ(setting(options, "engine.threads").source, Source::Flag);
}

TEST_F(ConfigureTest, TakesAnEmptyVariableForNone) {
  write("[engine]\nthreads = 1\n");
  variables_["SHIMMY_THREADS"] = "";
  EXPECT_EQ(configure().engine.threads, 1U);
}

TEST_F(ConfigureTest, ReadsAnOlderVariableWhereTheNewOneIsNotSet) {
  variables_["SHIMMY_BIND_ADDRESS"] = "0.0.0.0:1";
  EXPECT_EQ(to_string(configure().bind), "0.0.0.0:1");
  variables_["SHIMMY_BIND"] = "0.0.0.0:2";
  EXPECT_EQ(to_string(configure().bind), "0.0.0.0:2");
}

TEST_F(ConfigureTest, ThePortOfTheFileDoesNotMoveAnAddressOfAFlag) {
  write("[server]\nport = 7000\n");
  EXPECT_EQ(configure().bind.port, 7000);
  flags_["bind"] = {"0.0.0.0"};
  EXPECT_EQ(to_string(configure().bind), "0.0.0.0:7000");
  flags_["bind"] = {"0.0.0.0:8000"};
  EXPECT_EQ(to_string(configure().bind), "0.0.0.0:8000");
  flags_["port"] = {"9000"};
  EXPECT_EQ(to_string(configure().bind), "0.0.0.0:9000");
}

TEST_F(ConfigureTest, ReadsKeysOfAFileBesideTheOthers) {
  temp_.write("keys", "# ours\nfirst\n\n  second  \r\n");
  write("[access]\napi_keys = ['zero']\napi_key_file = 'keys'\n");
  EXPECT_THAT(configure().access.api_keys, ElementsAre("zero", "first", "second"));
}

TEST_F(ConfigureTest, RefusesAKeyFileThatProtectsNothing) {
  flags_["api-key-file"] = {temp_.write("keys", "# none\n").string()};
  EXPECT_THAT(refusal(), HasSubstr("has no API key"));
  flags_["api-key-file"] = {(temp_.path() / "missing").string()};
  EXPECT_THAT(refusal(), HasSubstr("cannot be read"));
  flags_["api-key-file"] = {temp_.write("huge", std::string(2 << 20, 'x')).string()};
  EXPECT_THAT(refusal(), HasSubstr("the right one"));
}

TEST_F(ConfigureTest, RefusesAnEmptyKey) {
  flags_["api-key"] = {""};
  EXPECT_THAT(refusal(), HasSubstr("An API key is empty"));
}

TEST_F(ConfigureTest, NamesTheSourceOfABadValue) {
  flags_["port"] = {"x"};
  EXPECT_THAT(refusal(), HasSubstr("--port must be a whole number"));
  flags_.clear();
  variables_["SHIMMY_PORT"] = "70000";
  EXPECT_THAT(refusal(), HasSubstr("$SHIMMY_PORT must be a whole number from 0 to 65535"));
  variables_.clear();
  write("[server]\nport = -1\nprot = 1");
  EXPECT_THAT(refusal(), HasSubstr("has 2 problems"));
  EXPECT_THAT(refusal(), HasSubstr(file_ + ":2:8: "));
  file_ = (temp_.path() / "missing.toml").string();
  EXPECT_THAT(refusal(), HasSubstr("cannot be read"));
}

TEST_F(ConfigureTest, AddsDirectoriesUp) {
  write("[models]\ndirs = ['/c']\n");
  EXPECT_THAT(configure().config_dirs, ElementsAre("/c"));
  flags_["model-dir"] = {"/a,1", "/b"};
  const ServeOptions options = configure();
  EXPECT_THAT(options.model_dirs, ElementsAre("/a,1", "/b"));
  EXPECT_THAT(options.config_dirs, ElementsAre("/c"));
  EXPECT_THAT(std::get<std::vector<std::string>>(*setting(options, "models.dirs").value),
              ElementsAre("/a,1", "/b", "/c"));
}

TEST_F(ConfigureTest, ReadsWhatTheFileSaysOfModels) {
  write(R"([models]
default = "a"
preload = ["b", "c"]
memory = "50%"
stores = { ollama = false, jan = true }
[defaults]
keep_alive = "forever"
context = 4096
[model.a]
aliases = ["x"]
system = "Be brief."
cache_type_k = "q8_0"
pin = true
[group.big]
models = ["a", "b"]
at_most = 1
)");
  const ServeOptions options = configure();
  EXPECT_EQ(options.model, "a");
  EXPECT_THAT(options.preload, ElementsAre("b", "c"));
  EXPECT_EQ(options.memory_budget_bytes, base::machine_memory().total_bytes / 2);
  EXPECT_THAT(options.disabled_stores, ElementsAre("ollama"));
  EXPECT_EQ(options.keep_alive.duration, std::nullopt);
  EXPECT_EQ(options.engine.context_tokens, 4096U);
  ASSERT_EQ(options.rules.models.size(), 1U);
  const ModelRule& rule = options.rules.models[0];
  EXPECT_THAT(rule.aliases, ElementsAre("x"));
  EXPECT_EQ(rule.defaults.system, "Be brief.");
  EXPECT_EQ(rule.defaults.load.key_type, generation::CacheType::Q80);
  EXPECT_EQ(rule.defaults.load.pinned, true);
  ASSERT_EQ(options.rules.groups.size(), 1U);
  EXPECT_EQ(options.rules.groups[0].name, "big");
  EXPECT_EQ(options.rules.groups[0].at_most, 1U);
}

TEST_F(ConfigureTest, AFlagOutweighsWhatTheFileSaysOfOneModel) {
  write("[defaults]\ncontext = 1024\n[model.a]\ncontext = 2048\nparallel = 2\n");
  models::ModelEntry entry;
  entry.name = "a";
  EXPECT_EQ(configure().rules.defaults_for(entry).load.context_tokens, 2048U);
  flags_["ctx"] = {"512"};
  const auto defaults = configure().rules.defaults_for(entry);
  EXPECT_EQ(defaults.load.context_tokens, 512U);
  EXPECT_EQ(defaults.load.parallel, 2U);
  EXPECT_EQ(configure().engine.context_tokens, 512U);
}

TEST_F(ConfigureTest, ReadsTemplatesThatAreFiles) {
  temp_.write("own.jinja", "{{ own }}");
  write("[defaults]\nchat_template = 'chatml'\n[model.a]\nchat_template = 'own.jinja'\n");
  const ServeOptions options = configure();
  EXPECT_EQ(options.rules.usual.chat_template, "chatml");
  EXPECT_EQ(options.rules.models.at(0).defaults.chat_template, "{{ own }}");
}

TEST_F(ConfigureTest, ReadsLogLevels) {
  write("[log]\nlevel = 'debug'\nformat = 'json'\n");
  EXPECT_EQ(configure().log_level, base::LogLevel::Debug);
  EXPECT_EQ(configure().log_format, base::LogFormat::Json);
  flags_["log-level"] = {"warn"};
  EXPECT_EQ(configure().log_level, base::LogLevel::Warning);
}

TEST_F(ConfigureTest, ReadsWhichKernelsMultiply) {
  EXPECT_EQ(configure().engine.kernels, kernels::Choice::Auto);
  write("[engine]\nkernels = 'ggml'\n");
  EXPECT_EQ(configure().engine.kernels, kernels::Choice::Ggml);
  variables_["SHIMMY_KERNELS"] = "shimmy";
  EXPECT_EQ(configure().engine.kernels, kernels::Choice::Shimmy);
  flags_["kernels"] = {"auto"};
  EXPECT_EQ(configure().engine.kernels, kernels::Choice::Auto);
  flags_["kernels"] = {"fast"};
  EXPECT_THAT(refusal(), testing::AllOf(HasSubstr("--kernels"), HasSubstr("ggml")));
}

TEST_F(ConfigureTest, ShowsValuesAndTheirPlaces) {
  write("[server]\nport = 80\n[access]\napi_keys = ['sk-secret', 'sk-2']\n[model.a]\npin = true\n");
  variables_["SHIMMY_THREADS"] = "2";
  flags_["mmap"] = {"false"};
  const std::string text = config_text(configure());
  const auto line = [&](std::string_view key) {
    const auto begin = text.find("\n" + std::string(key) + " = ");
    if (begin == std::string::npos) return std::string("no line");
    return text.substr(begin + 1, text.find('\n', begin + 1) - begin - 1);
  };
  EXPECT_THAT(text, testing::StartsWith("# " + file_ + "\n"));
  EXPECT_THAT(line("server.port"), testing::MatchesRegex("server.port = 80 +# .*config.toml:2"));
  EXPECT_THAT(line("access.api_keys"), HasSubstr("= (2 keys) "));
  EXPECT_THAT(line("engine.threads"), HasSubstr("# $SHIMMY_THREADS"));
  EXPECT_THAT(line("engine.mmap"), testing::MatchesRegex("engine.mmap = false +# --mmap"));
  EXPECT_THAT(line("log.format"), testing::MatchesRegex("log.format = text +# default"));
  EXPECT_THAT(line("model.\"a\".pin"), HasSubstr("= true"));
  EXPECT_THAT(text, Not(HasSubstr("secret")));
}

TEST_F(ConfigureTest, ShowsTheSameAsJson) {
  write("[access]\napi_keys = ['sk-secret']\nallowed_hosts = ['a']\n");
  const std::string text = config_json(configure());
  EXPECT_THAT(text, Not(HasSubstr("secret")));
  const auto object = boost::json::parse(text).as_object();
  EXPECT_EQ(object.at("file").as_string(), file_);
  const auto& settings = object.at("settings").as_array();
  const auto find = [&](std::string_view key) {
    for (const auto& each : settings) {
      if (each.at("key").as_string() == key) return each;
    }
    return boost::json::value();
  };
  EXPECT_EQ(find("access.api_keys").at("value"), "(1 key)");
  EXPECT_EQ(find("access.allowed_hosts").at("value").as_array().size(), 1U);
  EXPECT_EQ(find("access.allowed_hosts").at("source"), "file");
  EXPECT_EQ(find("access.allowed_hosts").at("place").as_string(), file_ + ":3");
  EXPECT_TRUE(find("server.port").at("value").is_null());
  EXPECT_EQ(find("server.port").at("source"), "default");
}

}  // namespace
}  // namespace shimmy::app
