#include "llama/backend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "llama/shared_model_fixture.h"

namespace shimmy::llama {
namespace {

class BackendTest : public testing::Test {
 protected:
  // Its Backend has to be the outer one: log callbacks go back in the order of a stack.
  void SetUp() override { shared_model(); }
};

TEST_F(BackendTest, ListsTheCpuAmongItsDevices) {
  const Backend backend{base::Logger()};
  const std::vector<Device> devices = backend.devices();
  const auto cpu = std::ranges::find(devices, DeviceKind::Cpu, &Device::kind);
  ASSERT_NE(cpu, devices.end());
  EXPECT_EQ(cpu->name, "CPU");
  EXPECT_FALSE(cpu->description.empty());
}

TEST_F(BackendTest, NamesItsVersionAndInstructionSets) {
  const Backend backend{base::Logger()};
  EXPECT_THAT(backend.version(), testing::MatchesRegex("llama\\.cpp .+, ggml .+"));
  EXPECT_THAT(backend.system_info(), testing::HasSubstr("CPU"));
}

TEST_F(BackendTest, KeepsGgmlFromStartingADebugger) {
  const Backend backend{base::Logger()};
  EXPECT_STREQ(std::getenv("GGML_NO_BACKTRACE"), "1");
}

TEST_F(BackendTest, SendsWhatALoadLogsToItsLogger) {
  std::size_t lines = 0;
  const Backend backend(base::Logger::to_writer(base::LogLevel::Debug, base::LogFormat::Text,
                                                [&](std::string_view) { ++lines; }));
  EXPECT_FALSE(Model::load("/nowhere.gguf").has_value());
  make_context({});
  EXPECT_GT(lines, 0U);
}

}  // namespace
}  // namespace shimmy::llama
