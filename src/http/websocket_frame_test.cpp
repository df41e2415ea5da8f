#include "http/websocket_frame.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace shimmy::http {
namespace {

std::string head_of(const std::string& frame, std::size_t payload) {
  return frame.substr(0, frame.size() - payload);
}

TEST(WebSocketFrame, WritesTheLengthAsShortlyAsPossible) {
  using namespace std::string_literals;
  const auto head = [](std::size_t bytes) {
    return head_of(websocket_frame(Opcode::Text, std::string(bytes, 'x')), bytes);
  };
  EXPECT_EQ(head(0), "\x81\x00"s);
  EXPECT_EQ(head(125), "\x81\x7D"s);
  EXPECT_EQ(head(126), "\x81\x7E\x00\x7E"s);
  EXPECT_EQ(head(65'535), "\x81\x7E\xFF\xFF"s);
  EXPECT_EQ(head(65'536), "\x81\x7F\x00\x00\x00\x00\x00\x01\x00\x00"s);
}

TEST(WebSocketFrame, CarriesThePayloadAsItIs) {
  EXPECT_EQ(websocket_frame(Opcode::Pong, "abc"),
            "\x8A\x03"
            "abc");
}

TEST(WebSocketFrame, ClosesWithCodeAndReason) {
  EXPECT_EQ(close_frame(1000, "bye"),
            "\x88\x05\x03\xE8"
            "bye");
}

TEST(WebSocketFrame, CutsACloseReasonBetweenCharacters) {
  std::string reason(122, 'x');
  reason += "\xC3\xA9";  // would end at byte 124
  EXPECT_EQ(close_frame(1000, reason).size(), 2U + 2 + 122);
  EXPECT_EQ(close_frame(1000, std::string(500, 'x')).size(), 2U + 125);
}

TEST(WebSocketFrame, KnowsTheCloseCodesThatMayBeSent) {
  for (const int code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1011, 1014, 3000, 4999}) {
    EXPECT_TRUE(is_close_code(static_cast<std::uint16_t>(code))) << code;
  }
  for (const int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65'535}) {
    EXPECT_FALSE(is_close_code(static_cast<std::uint16_t>(code))) << code;
  }
}

}  // namespace
}  // namespace shimmy::http
