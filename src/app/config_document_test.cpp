#include "app/config_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "support/temp_dir.h"

namespace shimmy::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Texts = std::vector<std::string>;

std::optional<std::string> variable(std::string_view name) {
  static const std::map<std::string, std::string, std::less<>> variables{
      {"KEY", "sk-1"}, {"EMPTY", ""}, {"HOME", "/home/me"}};
  const auto found = variables.find(name);
  if (found == variables.end()) return std::nullopt;
  return found->second;
}

ConfigDocument parse(std::string_view text) {
  return parse_config(text, "/etc/shimmy/config.toml", variable);
}

// The problems as "LINE:COLUMN: …".
Texts problems(std::string_view text) {
  Texts result;
  const ConfigDocument document = parse(text);
  for (const ConfigProblem& problem : document.problems) {
    const std::string whole = to_string(document, problem);
    EXPECT_TRUE(whole.starts_with("/etc/shimmy/config.toml:"));
    result.push_back(whole.substr(std::string_view("/etc/shimmy/config.toml:").size()));
  }
  return result;
}

const ConfigEntry& only(const ConfigDocument& document) {
  EXPECT_EQ(document.entries.size(), 1U);
  EXPECT_THAT(document.problems, IsEmpty());
  return document.entries.at(0);
}

TEST(ConfigDocument, KnowsWhereEachValueStands) {
  const ConfigDocument document = parse("# hi\n[server]\nport = 80\n");
  const ConfigEntry& entry = only(document);
  EXPECT_EQ(full_key(entry), "server.port");
  EXPECT_EQ(entry.value, SettingValue(std::int64_t{80}));
  EXPECT_EQ(entry.place.line, 3U);
  EXPECT_EQ(entry.place.column, 8U);
}

TEST(ConfigDocument, TakesDottedKeysAndInlineTables) {
  EXPECT_EQ(full_key(only(parse("server.port = 80"))), "server.port");
  EXPECT_EQ(full_key(only(parse("server = { port = 80 }"))), "server.port");
  EXPECT_EQ(full_key(only(parse("[models]\nstores = { ollama = false }"))), "models.stores.ollama");
  EXPECT_EQ(full_key(only(parse("[models.stores]\nollama = false"))), "models.stores.ollama");
}

TEST(ConfigDocument, NamesModelsAndGroups) {
  EXPECT_EQ(full_key(only(parse("[model.\"llama3.2:1b\"]\npin = true"))),
            R"(model."llama3.2:1b".pin)");
  EXPECT_EQ(only(parse("[group.big]\nat_most = 2")).name, "big");
}

TEST(ConfigDocument, TakesOneTextForAList) {
  EXPECT_EQ(only(parse("[access]\napi_keys = 'a,b'")).value, SettingValue(Texts{"a,b"}));
  EXPECT_EQ(only(parse("[access]\napi_keys = []")).value, SettingValue(Texts{}));
}

TEST(ConfigDocument, TakesNumbersForDurationsAndSizes) {
  EXPECT_EQ(only(parse("[server]\ndrain_timeout = 5")).value, SettingValue(std::string("5")));
  EXPECT_EQ(only(parse("[defaults]\nkeep_alive = -1")).value, SettingValue(std::string("-1")));
  EXPECT_EQ(only(parse("[models]\nmemory = 4_000_000_000")).value,
            SettingValue(std::string("4000000000")));
  EXPECT_EQ(only(parse("[defaults]\ntemperature = 1")).value, SettingValue(1.0));
}

TEST(ConfigDocument, PutsVariablesIn) {
  EXPECT_EQ(only(parse("[access]\napi_keys = ['${KEY}', 'x${EMPTY}y', '$${KEY} $5']")).value,
            SettingValue(Texts{"sk-1", "xy", "${KEY} $5"}));
}

TEST(ConfigDocument, FindsPathsFromItsOwnPlace) {
  EXPECT_EQ(only(parse("[server]\ntls_cert = 'cert.pem'")).value,
            SettingValue(std::string("/etc/shimmy/cert.pem")));
  EXPECT_EQ(only(parse("[models]\ndirs = ['~/m', '/abs', '../up']")).value,
            SettingValue(Texts{"/home/me/m", "/abs", "/etc/up"}));
}

TEST(ConfigDocument, TakesATemplateForAFileOnlyWhereThereIsOne) {
  const support::TempDir directory;
  const auto file = directory.write("own.jinja", "{{ x }}");
  const auto config = (directory.path() / "config.toml").string();
  const auto value = [&](const std::string& text) {
    return std::get<std::string>(
        only(parse_config("[defaults]\nchat_template = '" + text + "'", config, variable)).value);
  };
  EXPECT_EQ(value("own.jinja"), file.string());
  EXPECT_EQ(value("chatml"), "chatml");
}

struct BadCase {
  const char* text;
  const char* says;
};

TEST(ConfigDocument, SaysWhatIsWrongAndWhere) {
  const BadCase cases[] = {
      {"[server]\nprot = 1", "2:1: There is no setting server.prot. Did you mean port?"},
      {"[server]\n  chat_template = 'x'",
       "2:3: There is no setting server.chat_template. chat_template stands in [defaults]."},
      {"[server]\nzzzzzz = 1", "2:1: There is no setting server.zzzzzz."},
      {"[sever]\nport = 1", "1:2: There is no section \"sever\". Did you mean server?"},
      {"port = 1", "1:1: There is no section \"port\". port stands in [server]."},
      {"server = 1", "1:1: server is a section, not a setting: write [server]."},
      {"[model]\npin = true", "2:1: A model has a name: write [model.\"NAME\"]"},
      {"[model.llama3.2]\npin = true",
       "There is no setting model.\"llama3\".2. A name with dots needs quotes: "
       "[model.\"llama3.2\"]."},
      {"[model.a]\nsytem = 'x'",
       "2:1: There is no setting model.\"a\".sytem. Did you mean system?"},
      {"[models.stores]\nolama = false",
       "2:1: There is no setting models.stores.olama. Did you mean ollama?"},
      {"[models]\nstores = true", "2:1: There is no setting models.stores."},
      {"[defaults]\npin = true", "2:1: There is no setting defaults.pin."},
      {"[server]\nport = 'x'",
       "2:8: server.port must be a whole number from 0 to 65535, not a text."},
      {"[server]\nport = 70000",
       "2:8: server.port must be a whole number from 0 to 65535, not 70000."},
      {"[server]\nport = 1.5",
       "2:8: server.port must be a whole number from 0 to 65535, not a "
       "number."},
      {"[server]\nbind = 80", "2:8: server.bind must be a text, not a whole number."},
      {"[server]\nbind = 'a b'", "2:8: \"a b\" is not an address."},
      {"[server]\nbind = 1979-05-27", "2:8: server.bind must be a text, not a date or time."},
      {"[server]\nbind = ['x']", "2:8: server.bind must be a text, not a list."},
      {"[server]\nbind = {}", "2:8: server.bind must be a text, not a table."},
      {"[server]\ndrain_timeout = -1", "2:17: server.drain_timeout must be a duration"},
      {"[engine]\nmmap = 1", "2:8: engine.mmap must be true or false, not a whole number."},
      {"[defaults]\ntemperature = nan", "2:15: defaults.temperature must be a number from 0 to 2"},
      {"[defaults]\ntemperature = 3", "2:15: defaults.temperature must be a number from 0 to 2"},
      {"[defaults]\nmax_tokens = 0", "2:14: max_tokens must be -1 (no limit)"},
      {"[defaults]\ncache_type_k = 'q9'",
       "2:16: defaults.cache_type_k must be one of f32, f16, bf16, q8_0, q5_1, q5_0, q4_1, q4_0, "
       "not \"q9\"."},
      {"[access]\napi_keys = ['a', 5]",
       "2:18: access.api_keys is a list of texts, but here is a whole number."},
      {"[access]\napi_keys = 5", "2:12: access.api_keys must be a list of texts, not a whole"},
      {"[access]\napi_keys = ['']", "2:12: An API key is empty"},
      {"[access]\napi_keys = ['${NOSUCH}']",
       "2:13: The environment variable NOSUCH is not set: set it, or write the value here."},
      {"[access]\napi_keys = '${NO'", "2:12: \"${\" begins the name"},
      {"[access]\napi_keys = '${a b}'", "2:12: \"${\" begins the name"},
      {"[models]\nmemory = 'lots'", "2:10: models.memory must be a size such as 4GB"},
      {"[group.g]\nat_most = 0", "2:11: group.\"g\".at_most must be a whole number from 1"},
      {"[model.a]\naliases = ['x']\n[model.b]\naliases = ['x']",
       "4:11: \"x\" is an alias of \"a\" already"},
      {"[server\nport = 1", "1:"},
      {"[server]\nport = 1\nport = 2", "3:"},
      {"[server]\nport = ", "2:"},
      {"\xff", "1:1: "},
  };
  for (const BadCase& bad : cases) {
    const Texts found = problems(bad.text);
    ASSERT_EQ(found.size(), 1U) << bad.text << testing::PrintToString(found);
    EXPECT_THAT(found[0], HasSubstr(bad.says)) << bad.text;
  }
}

TEST(ConfigDocument, TellsEveryProblemInTheOrderOfTheFile) {
  const Texts found = problems(
      "[zzz]\nx = 1\n[engine]\nmmap = 1\n[access]\napi_keys = [1, 2]\n"
      "[server]\nport = -1\nprot = 2\n");
  Texts places;
  for (const std::string& problem : found) places.push_back(problem.substr(0, problem.find(": ")));
  EXPECT_THAT(places, ElementsAre("1:2", "4:8", "6:13", "6:16", "8:8", "9:1"));
}

TEST(ConfigDocument, KeepsWhatIsRightBesideWhatIsWrong) {
  EXPECT_EQ(parse("[server]\nprot = 1\nport = 2\n").entries.size(), 1U);
}

TEST(ConfigDocument, NeverShowsAKey) {
  for (const char* text :
       {"[access]\napi_keys = ['sk-1', '']", "[access]\napi_keys = ['${KEY}', 1]"}) {
    for (const std::string& problem : problems(text)) {
      EXPECT_THAT(problem, testing::Not(HasSubstr("sk-1")));
    }
  }
}

TEST(ConfigDocument, OfNothingIsEmpty) {
  EXPECT_THAT(parse("").entries, IsEmpty());
  EXPECT_THAT(problems("\xEF\xBB\xBF# a mark of the byte order\r\n"), IsEmpty());
}

}  // namespace
}  // namespace shimmy::app
