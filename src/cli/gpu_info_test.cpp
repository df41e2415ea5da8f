#include "cli/gpu_info.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "cli/cli_fixture.h"

namespace shimmy::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

const app::Device kCpu{"cpu", "CPU", "Some CPU", 8'000'000'000, 2'000'000'000};
const app::Device kGpu{"gpu", "CUDA0", "Some GPU", 0, 0};

class GpuInfoTest : public CliFixture {
 protected:
  int run(std::vector<app::Device> devices, bool json = false) {
    services_.devices = [devices] { return devices; };
    return gpu_info({json}, terminal_, services_);
  }
};

TEST_F(GpuInfoTest, ShowsEveryDevice) {
  EXPECT_EQ(run({kCpu, kGpu}), 0);
  EXPECT_EQ(out_.str(),
            "NAME   KIND  MEMORY    FREE  DESCRIPTION\n"
            "CPU    cpu   8.0 GB  2.0 GB  Some CPU\n"
            "CUDA0  gpu        -       -  Some GPU\n");
  EXPECT_EQ(err_.str(), "");
}

TEST_F(GpuInfoTest, SaysThatTheCpuIsUsed) {
  EXPECT_EQ(run({kCpu}), 0);
  EXPECT_THAT(err_.str(), HasSubstr("No GPU is used"));
}

TEST_F(GpuInfoTest, PrintsJson) {
  EXPECT_EQ(run({kCpu}, true), 0);
  const auto object = boost::json::parse(out_.str()).as_object();
  EXPECT_FALSE(object.at("gpu").as_bool());
  EXPECT_EQ(object.at("devices").at(0).at("total_bytes").to_number<std::uint64_t>(),
            8'000'000'000U);
  EXPECT_THAT(std::string(object.at("advice").as_string()), HasSubstr("No GPU is used"));
  EXPECT_EQ(err_.str(), "");
}

TEST_F(GpuInfoTest, ObeysNoDevicesName) {
  EXPECT_EQ(run({{"gpu", "a\x1b[2J", "b\nc", 0, 0}}), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("a\\x1b[2J"), HasSubstr("b\\nc")));
}

TEST(GpuAdvice, IsNoneWhereAGpuComputes) {
  EXPECT_EQ(gpu_advice({kCpu, kGpu}, {}), "");
  EXPECT_EQ(gpu_advice({{"integrated gpu", "V", "", 0, 0}}, {{"a GPU", "GGML_VULKAN"}}), "");
}

TEST(GpuAdvice, NamesTheBackEndOfTheCard) {
  EXPECT_THAT(gpu_advice({kCpu}, {{"an NVIDIA GPU", "GGML_CUDA"}}),
              AllOf(HasSubstr("has an NVIDIA GPU"), HasSubstr("-DGGML_CUDA=ON")));
}

TEST(GpuCards, AreFoundByTheirDrivers) {
  const support::TempDir root;
  EXPECT_THAT(find_cards(root.path()), IsEmpty());
  root.write("dev/dri/renderD128", "");
  EXPECT_EQ(find_cards(root.path()).at(0).backend, "GGML_VULKAN");
  root.write("dev/kfd", "");
  EXPECT_EQ(find_cards(root.path()).at(0).backend, "GGML_HIP");
  root.write("proc/driver/nvidia/version", "");
  EXPECT_EQ(find_cards(root.path()).at(0).backend, "GGML_CUDA");
}

}  // namespace
}  // namespace shimmy::cli
