#include "http/duration_text.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string_view>
#include <utility>

namespace shimmy::http {
namespace {

TEST(DurationText, Http13_SpellsSpansAsGoDoes) {
  for (const auto& [span, text] : {std::pair<int, std::string_view>{0, "0s"},
                                   {-5, "0s"},
                                   {1, "1ms"},
                                   {20, "20ms"},
                                   {999, "999ms"},
                                   {1000, "1s"},
                                   {1500, "1.5s"},
                                   {1005, "1.005s"},
                                   {59'990, "59.99s"},
                                   {60'000, "1m0s"},
                                   {360'000, "6m0s"},
                                   {61'250, "1m1.25s"},
                                   {3'600'000, "1h0m0s"},
                                   {90'061'001, "25h1m1.001s"}}) {
    EXPECT_EQ(duration_text(std::chrono::milliseconds(span)), text);
  }
}

}  // namespace
}  // namespace shimmy::http
