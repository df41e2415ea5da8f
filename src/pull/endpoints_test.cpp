#include "pull/endpoints.h"

#include <gmock/gmock.h>

#include <map>

#include "support/temp_dir.h"

namespace shimmy::pull {
namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

base::Result<Endpoints> endpoints(const Variables& variables) {
  return endpoints_of([&](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  });
}

TEST(Endpoints, AreTheUsualOnesWithoutAWord) {
  const auto found = endpoints({});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->hub, Endpoints().hub);
  EXPECT_EQ(found->registry, Endpoints().registry);
  EXPECT_EQ(found->hub_token, "");
}

TEST(Endpoints, AreTakenFromTheEnvironment) {
  const auto found = endpoints({{"HF_ENDPOINT", "https://mirror/hub//"},
                                {"SHIMMY_OLLAMA_REGISTRY", "models.example:5000"},
                                {"HF_TOKEN", " hf_x\n"}});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->hub, "https://mirror/hub");
  EXPECT_EQ(found->registry, "https://models.example:5000");
  EXPECT_EQ(found->hub_token, "hf_x");
}

TEST(Endpoints, NameTheVariableThatIsWrong) {
  const auto found = endpoints({{"HF_ENDPOINT", "ftp://mirror"}});
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, testing::HasSubstr("HF_ENDPOINT"));
}

TEST(Endpoints, FindTheTokenOfTheHubsOwnTools) {
  const support::TempDir temp;
  const std::string file = temp.write("hf/token", "hf_file\n").string();
  temp.write("home/.cache/huggingface/token", "hf_home");
  const std::string home = (temp.path() / "home").string();
  EXPECT_EQ(endpoints({{"HF_TOKEN_PATH", file}})->hub_token, "hf_file");
  EXPECT_EQ(endpoints({{"HF_HOME", (temp.path() / "hf").string()}})->hub_token, "hf_file");
  EXPECT_EQ(endpoints({{"HOME", home}})->hub_token, "hf_home");
  EXPECT_EQ(endpoints({{"HOME", home}, {"HF_TOKEN", "hf_set"}})->hub_token, "hf_set");
  EXPECT_EQ(endpoints({{"HOME", temp.path().string()}})->hub_token, "");
}

}  // namespace
}  // namespace shimmy::pull
