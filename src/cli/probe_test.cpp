#include "cli/probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "cli/cli_fixture.h"

namespace shimmy::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class ProbeTest : public CliFixture {
 protected:
  ProbeTest() { add_model("tiny"); }
  int run() { return probe(options_, terminal_, services_); }

  ProbeOptions options_;
};

TEST_F(ProbeTest, LoadsAndGenerates) {
  script_hello();
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(out_.str(), AllOf(StartsWith("ok: loaded tiny"), HasSubstr("tok/s"),
                                HasSubstr("memory"), HasSubstr("first token")));
  EXPECT_TRUE(engine_->requests().at(0).ignore_eos);
}

TEST_F(ProbeTest, PrintsJson) {
  script_hello();
  options_.json = true;
  EXPECT_EQ(run(), 0);
  const auto object = boost::json::parse(out_.str()).as_object();
  EXPECT_TRUE(object.at("ok").as_bool());
  EXPECT_DOUBLE_EQ(object.at("decode_tokens_per_second").to_number<double>(), 10);
}

TEST_F(ProbeTest, TellsWhereTheWeightsWent) {
  script_hello();
  kernel_use_ = app::KernelUse{"shimmy (avx2)", "", {{"a", "q8_0", ""}, {"b", "q8_0", ""}}};
  for (const char* name : {"c", "d", "e", "f"})
    kernel_use_->weights.push_back({name, "f32", "no kernel of ours"});
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("kernels      2 of 6 matrices by shimmy (avx2); 4 by ggml: no"),
                    HasSubstr("q8_0         2  shimmy (avx2)\n"),
                    HasSubstr("f32          4  ggml           no kernel of ours: c, d, e, …\n")));
}

TEST_F(ProbeTest, TellsOfEachWeightAsJson) {
  script_hello();
  options_.json = true;
  kernel_use_ = app::KernelUse{"shimmy (avx2)", "avx2", {{"a", "q8_0", ""}, {"b", "f32", "none"}}};
  EXPECT_EQ(run(), 0);
  const auto object = boost::json::parse(out_.str()).as_object();
  const auto& kernels = object.at("kernels").as_object();
  EXPECT_EQ(kernels.at("name").as_string(), "shimmy (avx2)");
  EXPECT_TRUE(kernels.at("forced").as_bool());
  EXPECT_EQ(kernels.at("weights").at(0).at("kernels").as_string(), "shimmy");
  EXPECT_EQ(kernels.at("weights").at(1).at("kernels").as_string(), "ggml");
  EXPECT_EQ(kernels.at("weights").at(1).at("reason").as_string(), "none");
}

TEST_F(ProbeTest, FailsWithTwoWhateverIsWrong) {
  options_.model = "tinny";
  EXPECT_EQ(run(), 2);
  EXPECT_THAT(err_.str(), HasSubstr("Probe failed: There is no model \"tinny\""));

  options_.model = "tiny";
  load_error_ = base::Error{base::ErrorCode::ModelLoadFailed, "No room.", {}, {}};
  EXPECT_EQ(run(), 2);
  load_error_.reset();

  engine_->refuse({base::ErrorCode::Unavailable, "Stopped.", {}, {}});
  EXPECT_EQ(run(), 2);

  engine_->script({base::Error{base::ErrorCode::GenerationFailed, "Choked.", {}, {}}});
  EXPECT_EQ(run(), 2);
  EXPECT_EQ(out_.str(), "");
}

TEST_F(ProbeTest, PrintsFailureAsJson) {
  temp_.write("bad.gguf", "x");
  options_.model = "bad";
  options_.json = true;
  EXPECT_EQ(run(), 2);
  const auto object = boost::json::parse(out_.str()).as_object();
  EXPECT_FALSE(object.at("ok").as_bool());
  EXPECT_EQ(object.at("error").at("code").as_string(), "model_load_failed");
}

TEST_F(ProbeTest, EndsWhenInterrupted) {
  stop_.request_stop();
  EXPECT_EQ(run(), 130);
}

}  // namespace
}  // namespace shimmy::cli
