// The client's half of a WebSocket for tests: frames as bytes, right and wrong, and a blocking
// client.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "support/raw_client.h"

namespace shimmy::support {

struct Frame {
  std::uint8_t opcode = 1;  // text
  std::string payload;
  bool is_final = true;
  bool is_masked = true;
  std::uint8_t reserved = 0;  // the three bits
  unsigned length_bytes = 0;  // 2 or 8: write the length longer than it need be
};

std::string frame_bytes(const Frame& frame);

std::string text_frame(std::string text);
std::string ping_frame(std::string payload);
std::string close_bytes(std::uint16_t code, std::string_view reason = {});

// The payload of a close frame.
std::string close_payload(std::uint16_t code, std::string_view reason = {});

// A request to upgrade, with a key, and `headers` (each with its line end) besides.
std::string upgrade_request(const std::string& path, const std::string& headers = {});

// Reads one frame of a server. Nothing when the connection ends or stalls first.
std::optional<Frame> read_frame(RawClient& client);

// Sends upgrade_request(path) and takes the answer. False unless that is a 101.
bool upgrade(RawClient& client, const std::string& path);

}  // namespace shimmy::support
