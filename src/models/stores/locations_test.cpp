#include "models/stores/locations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>

#include "models/stores/store.h"
#include "support/temp_dir.h"

namespace shimmy::models::stores {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

using Variables = std::map<std::string, std::string, std::less<>>;

Machine machine(System system, Variables variables) {
  return {system, [variables = std::move(variables)](std::string_view name) {
            const auto found = variables.find(name);
            return found == variables.end() ? std::nullopt : std::optional(found->second);
          }};
}

std::vector<std::string> store_paths(const Machine& machine) {
  std::vector<std::string> paths;
  for (const ModelDir& dir : store_dirs(machine)) {
    paths.push_back(dir.source + " " + dir.path.generic_string());
  }
  return paths;
}

TEST(Locations, ExpandHomeAndVariables) {
  constexpr std::array locations{
      Location{Location::On::All, "$A/x"}, Location{Location::On::All, "~/y"},
      Location{Location::On::All, "/z"}, Location{Location::On::All, "$A"}};
  EXPECT_THAT(expand(locations, machine(System::Linux, {{"A", "/a"}, {"HOME", "/h"}})),
              ElementsAre("/a/x", "/h/y", "/z", "/a"));
}

TEST(Locations, LeaveOutWhatIsNotSet) {
  constexpr std::array locations{Location{Location::On::All, "$A/x"},
                                 Location{Location::On::All, "~/y"}};
  EXPECT_THAT(expand(locations, machine(System::Linux, {{"A", ""}})), IsEmpty());
}

TEST(Locations, LeaveOutRelativeXdgDirectories) {
  constexpr std::array locations{Location{Location::On::All, "$XDG_CACHE_HOME/x"}};
  EXPECT_THAT(expand(locations, machine(System::Linux, {{"XDG_CACHE_HOME", "cache"}})), IsEmpty());
}

TEST(Locations, AreThoseOfTheSystem) {
  constexpr std::array locations{
      Location{Location::On::Linux, "/linux"}, Location{Location::On::MacOs, "/mac"},
      Location{Location::On::Windows, "/windows"}, Location{Location::On::Unix, "/unix"}};
  EXPECT_THAT(expand(locations, machine(System::Linux, {})), ElementsAre("/linux", "/unix"));
  EXPECT_THAT(expand(locations, machine(System::MacOs, {})), ElementsAre("/mac", "/unix"));
  EXPECT_THAT(expand(locations, machine(System::Windows, {})), ElementsAre("/windows"));
}

TEST(Locations, ComeOnce) {
  constexpr std::array locations{Location{Location::On::All, "$A/x"},
                                 Location{Location::On::All, "~/x"}};
  EXPECT_THAT(expand(locations, machine(System::Linux, {{"A", "/h"}, {"HOME", "/h"}})),
              ElementsAre("/h/x"));
}

TEST(Locations, FollowPointerFiles) {
  constexpr std::array locations{Location{Location::On::All, "~/pointer", "models"}};
  const support::TempDir temp;
  const Machine here = machine(System::Linux, {{"HOME", temp.path().string()}});
  EXPECT_THAT(expand(locations, here), IsEmpty());
  temp.write("pointer", "/far/away\n");
  EXPECT_THAT(expand(locations, here), ElementsAre("/far/away/models"));
  for (const std::string& useless :
       {std::string("relative"), std::string(" \n"), std::string(10'000, '/')}) {
    temp.write("pointer", useless);
    EXPECT_THAT(expand(locations, here), IsEmpty());
  }
}

TEST(Locations, OfEveryStoreOnLinux) {
  EXPECT_THAT(
      store_paths(machine(System::Linux, {{"HOME", "/h"}})),
      ElementsAre("ollama /h/.ollama/models", "ollama /usr/share/ollama/.ollama/models",
                  "hugging face /h/.cache/huggingface/hub", "lm studio /h/.lmstudio/models",
                  "lm studio /h/.cache/lm-studio/models", "llama.cpp /h/.cache/llama.cpp",
                  "jan /h/.local/share/Jan/data", "jan /h/.config/Jan/data", "jan /h/jan",
                  "gpt4all /h/.local/share/nomic.ai/GPT4All", "gpt4all /h/.cache/gpt4all",
                  "docker /h/.docker/models",
                  "text-generation-webui /h/text-generation-webui/user_data/models",
                  "text-generation-webui /h/text-generation-webui/models", "~/models /h/models"));
}

TEST(Locations, FollowTheVariablesOfTheirPrograms) {
  const auto paths = store_paths(machine(System::Linux, {{"OLLAMA_MODELS", "/o"},
                                                         {"HF_HUB_CACHE", "/hub"},
                                                         {"HF_HOME", "/hf"},
                                                         {"LLAMA_CACHE", "/l"},
                                                         {"XDG_CACHE_HOME", "/c"},
                                                         {"XDG_DATA_HOME", "/d"},
                                                         {"JAN_DATA_FOLDER", "/j"}}));
  for (const char* path :
       {"ollama /o", "hugging face /hub", "hugging face /hf/hub", "hugging face /c/huggingface/hub",
        "llama.cpp /l", "llama.cpp /c/llama.cpp", "jan /d/Jan/data", "jan /j",
        "gpt4all /d/nomic.ai/GPT4All"}) {
    EXPECT_THAT(paths, Contains(path));
  }
}

TEST(Locations, OfOtherSystems) {
  const auto mac = store_paths(machine(System::MacOs, {{"HOME", "/Users/u"}}));
  EXPECT_THAT(mac, Contains("gpt4all /Users/u/Library/Application Support/nomic.ai/GPT4All"));
  EXPECT_THAT(mac, Contains("jan /Users/u/Library/Application Support/Jan/data"));
  EXPECT_THAT(mac, Contains("llama.cpp /Users/u/Library/Caches/llama.cpp"));
  const auto windows = store_paths(
      machine(System::Windows,
              {{"USERPROFILE", "C:/Users/u"}, {"LOCALAPPDATA", "C:/L"}, {"APPDATA", "C:/A"}}));
  EXPECT_THAT(windows, Contains("ollama C:/Users/u/.ollama/models"));
  EXPECT_THAT(windows, Contains("llama.cpp C:/L/llama.cpp"));
  EXPECT_THAT(windows, Contains("jan C:/A/Jan/data"));
}

}  // namespace
}  // namespace shimmy::models::stores
