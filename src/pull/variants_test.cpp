#include "pull/variants.h"

#include <gmock/gmock.h>

namespace shimmy::pull {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<Variant> variants(const std::vector<std::string>& paths) {
  std::vector<RemoteFile> files;
  std::uint64_t bytes = 1000;
  for (const std::string& path : paths) files.push_back({path, bytes += 1000, {}});
  return variants_of(files);
}

std::vector<std::string> names(const std::vector<Variant>& variants) {
  std::vector<std::string> names;
  for (const Variant& variant : variants) names.push_back(variant.name);
  return names;
}

TEST(Variants, AreNamedByTheirQuantisationFromSmallToLarge) {
  EXPECT_THAT(names(variants({"m-Q2_K.gguf", "m-Q4_K_M.gguf", "README.md", "m-F16.gguf"})),
              ElementsAre("Q2_K", "Q4_K_M", "F16"));
}

TEST(Variants, AreNamedByTheirFilesWhereQuantisationsAreTheSame) {
  EXPECT_THAT(names(variants({"a-Q4_0.gguf", "b-Q4_0.gguf", "c-Q8_0.gguf", "plain.gguf"})),
              ElementsAre("a-Q4_0", "b-Q4_0", "Q8_0", "plain"));
}

TEST(Variants, LeaveCompanionsOut) {
  EXPECT_THAT(names(variants({"m-Q4_0.gguf", "mmproj-F16.gguf", "m.imatrix.gguf"})),
              ElementsAre("Q4_0"));
}

TEST(Variants, GatherShards) {
  const auto found = variants({"Q8/m-Q8_0-00002-of-00002.gguf", "Q8/m-Q8_0-00001-of-00002.gguf",
                               "m-Q6_K-00001-of-00003.gguf", "m-Q6_K-00003-of-00003.gguf"});
  ASSERT_EQ(found.size(), 2);
  EXPECT_EQ(found[0].name, "Q8_0");
  EXPECT_TRUE(found[0].is_complete);
  EXPECT_EQ(found[0].bytes, 5000);
  ASSERT_EQ(found[0].files.size(), 2);
  EXPECT_EQ(found[0].files[0].path, "Q8/m-Q8_0-00001-of-00002.gguf");
  EXPECT_FALSE(found[1].is_complete);
}

std::string usual(const std::vector<std::string>& paths) {
  const auto all = variants(paths);
  return all[usual_variant(all)].name;
}

TEST(Variants, HaveAUsualOne) {
  EXPECT_EQ(usual({"m-Q8_0.gguf", "m-Q4_K_M.gguf", "m-Q4_K_S.gguf"}), "Q4_K_M");
  EXPECT_EQ(usual({"m-Q8_0.gguf", "m-Q4_K_S.gguf", "m-Q5_K_M.gguf"}), "Q4_K_S");
  EXPECT_EQ(usual({"m-Q2_K.gguf", "m-Q8_0.gguf", "m-F16.gguf"}), "Q8_0");
  EXPECT_EQ(usual({"m-Q3_K_M.gguf", "m-Q2_K.gguf"}), "Q3_K_M");
  EXPECT_EQ(usual({"large.gguf", "larger.gguf"}), "large");
  EXPECT_EQ(usual({"m-Q4_K_M-00001-of-00002.gguf", "m-Q8_0.gguf"}), "Q8_0");
}

TEST(Variants, AreFoundByQuantisationOrFile) {
  const auto all = variants({"sub/m-Q4_K_M.gguf", "m-UD-Q4_K_XL.gguf", "m-Q8_0-00001-of-00002.gguf",
                             "m-Q8_0-00002-of-00002.gguf"});
  for (const std::string_view wanted :
       {"q4_k_m", "Q4_K_M", "m-Q4_K_M", "m-Q4_K_M.gguf", "sub/m-Q4_K_M.gguf"}) {
    const auto found = find_variant(all, wanted, "org/repo");
    ASSERT_TRUE(found) << wanted;
    EXPECT_EQ(all[*found].name, "Q4_K_M") << wanted;
  }
  for (const std::string_view wanted :
       {"Q8_0", "m-Q8_0-00001-of-00002.gguf", "m-Q8_0-00002-of-00002.gguf", "m-Q8_0"}) {
    const auto found = find_variant(all, wanted, "org/repo");
    ASSERT_TRUE(found) << wanted;
    EXPECT_EQ(all[*found].name, "Q8_0") << wanted;
  }
}

TEST(Variants, SayWhatThereIsInstead) {
  const auto all = variants({"m-Q4_K_M.gguf", "m-Q8_0.gguf"});
  const auto found = find_variant(all, "Q4_K_L", "org/repo");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, base::ErrorCode::ModelNotFound);
  EXPECT_THAT(found.error().message, HasSubstr("org/repo has no Q4_K_L. Did you mean Q4_K_M"));
  EXPECT_THAT(found.error().message, HasSubstr("Q8_0 (3.0 kB)"));
}

TEST(Variants, AskWhereSeveralAreMeant) {
  const auto found = find_variant(variants({"a-Q4_0.gguf", "b-Q4_0.gguf"}), "Q4_0", "org/repo");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, base::ErrorCode::InvalidRequest);
  EXPECT_THAT(found.error().message, HasSubstr("a-Q4_0 ("));
}

std::string projector(const std::vector<std::string>& paths) {
  std::vector<RemoteFile> files;
  for (const std::string& path : paths) files.push_back({path, 1, {}});
  const auto found = projector_of(files);
  return found ? found->path : "none";
}

TEST(Variants, PreferAProjectorOfSixteenBits) {
  EXPECT_EQ(projector({"m-Q4_0.gguf"}), "none");
  EXPECT_EQ(projector({"mmproj-F32.gguf", "mmproj-BF16.gguf", "mmproj-F16.gguf"}),
            "mmproj-F16.gguf");
  EXPECT_EQ(projector({"mmproj-F32.gguf", "mmproj-Q8_0.gguf"}), "mmproj-Q8_0.gguf");
  EXPECT_EQ(projector({"mmproj.gguf", "m.gguf"}), "mmproj.gguf");
}

}  // namespace
}  // namespace shimmy::pull
