#include "cli/kernel_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <any>
#include <boost/json.hpp>

#include "cli/bench.h"
#include "cli/cli_fixture.h"
#include "cli/command_line.h"

namespace shimmy::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class KernelBenchTest : public CliFixture {
 protected:
  KernelBenchTest() {
    services_.measure_kernels =
        [this](const app::KernelSpeedOptions& options,
               const app::SpeedProgress& progress) -> base::Result<app::KernelSpeeds> {
      asked_ = options;
      if (!progress("q8_0")) return base::fail(base::ErrorCode::Cancelled, "Interrupted.");
      if (load_error_) return std::unexpected(*load_error_);
      return app::KernelSpeeds{.kernels = "shimmy (avx2)",
                               .threads = 2,
                               .machine = {.peak = 800, .bandwidth = 40},
                               .rows = {{"q8_0", {8192, 2048, 4}, {200, 50, 30}}}};
    };
  }

  BenchOptions options(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "bench");
    const auto line = parse_command_line(arguments);
    if (!line) throw std::runtime_error(line.error().message);
    return std::any_cast<BenchOptions>(line->invocation->options);
  }
  int run(std::vector<std::string> arguments) {
    return bench(options(std::move(arguments)), terminal_, services_);
  }

  app::KernelSpeedOptions asked_;
};

TEST_F(KernelBenchTest, ShowsSharesOfWhatIsPossible) {
  EXPECT_EQ(run({"--kernels"}), 0);
  EXPECT_THAT(out_.str(),
              HasSubstr("shimmy (avx2) on 2 threads; at most 800 GMAC/s, and 40.0 GB/s"));
  EXPECT_THAT(out_.str(), HasSubstr("200.0     25 %  30.0      75 %  50.0   4.00"));
  EXPECT_EQ(loads_, 0) << "no model is needed";
  EXPECT_THAT(asked_.types, IsEmpty());
}

TEST_F(KernelBenchTest, PrintsJson) {
  EXPECT_EQ(run({"--kernels", "--json"}), 0);
  const auto object = boost::json::parse(out_.str()).as_object();
  EXPECT_EQ(object.at("kernels").as_string(), "shimmy (avx2)");
  const auto& row = object.at("products").at(0).as_object();
  EXPECT_EQ(row.at("rows").to_number<int>(), 8192);
  EXPECT_EQ(row.at("ggml_gmacs").to_number<double>(), 50);
  EXPECT_EQ(row.at("share_of_peak").to_number<double>(), 0.25);
  EXPECT_EQ(row.at("share_of_bandwidth").to_number<double>(), 0.75);
}

TEST_F(KernelBenchTest, MeasuresTheTypesAndThreadsAskedFor) {
  EXPECT_EQ(run({"--kernels", "--type", "q8_0,q4_K", "--threads", "3"}), 0);
  EXPECT_THAT(asked_.types, ElementsAre("q8_0", "q4_K"));
  EXPECT_EQ(asked_.threads, 3U);
}

TEST_F(KernelBenchTest, FailsAsTheMeasuringDoes) {
  load_error_ = base::Error{base::ErrorCode::InvalidRequest, "No such CPU.", {}, {}};
  EXPECT_EQ(run({"--kernels"}), 2);
  EXPECT_EQ(err_.str(), "shimmy: No such CPU.\n");
}

TEST_F(KernelBenchTest, EndsWhenInterrupted) {
  stop_.request_stop();
  EXPECT_EQ(run({"--kernels"}), 130);
}

TEST_F(KernelBenchTest, AWordBehindTheFlagChoosesKernelsForAModel) {
  EXPECT_FALSE(options({"phi"}).measures_kernels);
  const BenchOptions chosen = options({"phi", "--kernels", "ggml"});
  EXPECT_FALSE(chosen.measures_kernels);
  EXPECT_EQ(chosen.engine.kernels, kernels::Choice::Ggml);
  EXPECT_TRUE(options({"--kernels"}).measures_kernels);
  EXPECT_THROW(options({"--kernels", "phi"}), std::runtime_error);
}

}  // namespace
}  // namespace shimmy::cli
