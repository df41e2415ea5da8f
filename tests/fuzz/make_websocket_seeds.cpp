// Writes seeds for the fuzzer of the WebSocket frame reader: make_websocket_seeds <folder>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "support/websocket_client.h"

namespace {

using shimmy::support::close_bytes;
using shimmy::support::Frame;
using shimmy::support::frame_bytes;
using shimmy::support::ping_frame;
using shimmy::support::text_frame;

std::vector<std::pair<std::string, std::string>> seeds() {
  return {
      {"text", text_frame("hello")},
      {"two_messages", text_frame("one") + text_frame("two")},
      {"sixteen_bit_length", text_frame(std::string(300, 'x'))},
      {"sixty_four_bit_length", frame_bytes({.payload = "x", .length_bytes = 8})},
      {"fragments", frame_bytes({.payload = "\xF0\x9F", .is_final = false}) + ping_frame("ping") +
                        frame_bytes({.opcode = 0, .payload = "\x98\x80"})},
      {"close", text_frame("last") + close_bytes(1000, "bye")},
      {"close_without_code", frame_bytes({.opcode = 8})},
      {"binary", frame_bytes({.opcode = 2, .payload = "\x01\x02"})},
      {"unmasked", frame_bytes({.payload = "x", .is_masked = false})},
      {"reserved", frame_bytes({.payload = "x", .reserved = 4})},
      {"bad_utf8", text_frame("a\xED\xA0\x80")},
      {"too_large", text_frame(std::string(5000, 'x'))},
  };
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: make_websocket_seeds <folder>\n", stderr);
    return 2;
  }
  const std::filesystem::path folder = arguments[1];
  std::filesystem::create_directories(folder);
  for (const auto& [name, bytes] : seeds()) {
    // The first byte tells the fuzz target how to cut the rest.
    std::ofstream(folder / name, std::ios::binary) << '\x01' << bytes;
  }
  return 0;
}
