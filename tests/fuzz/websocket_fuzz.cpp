// Feeds the WebSocket frame reader bytes that nobody wrote on purpose, whole and cut: what comes
// out must be the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/utf8_check.h"
#include "http/websocket_frame.h"
#include "http/websocket_reader.h"

namespace {

using shimmy::http::WebSocketReader;
using Kind = WebSocketReader::Kind;

constexpr std::size_t kMessageBytes = 4096;

struct Seen {
  Kind kind;
  std::string payload;
  std::uint16_t code;

  bool operator==(const Seen&) const = default;
};

void demand(bool holds) {
  if (!holds) __builtin_trap();
}

void check(const Seen& event) {
  shimmy::http::Utf8Check text;
  const bool is_text = text.take(event.payload) && text.is_whole();
  switch (event.kind) {
    case Kind::Text: demand(is_text && event.payload.size() <= kMessageBytes); return;
    case Kind::Ping:
    case Kind::Pong: demand(event.payload.size() <= shimmy::http::kControlBytes); return;
    case Kind::Close:
      demand(is_text && (event.code == 1005 || shimmy::http::is_close_code(event.code)));
      return;
    case Kind::Failure: demand(is_text && shimmy::http::is_close_code(event.code)); return;
  }
}

// `piece` 0: all at once.
std::vector<Seen> events_of(std::string_view bytes, std::size_t piece) {
  WebSocketReader reader(kMessageBytes);
  std::vector<Seen> events;
  while (!bytes.empty()) {
    std::string_view part = bytes.substr(0, piece == 0 ? bytes.size() : piece);
    bytes.remove_prefix(part.size());
    while (auto event = reader.next(part)) {
      events.push_back({event->kind, std::move(event->payload), event->code});
    }
    demand(part.empty());
  }
  return events;
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer calls it by this name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  // The first byte says how to cut the rest.
  const std::string_view input(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  const std::vector<Seen> whole = events_of(input, 0);
  std::ranges::for_each(whole, check);
  demand(events_of(input, 1) == whole);
  demand(events_of(input, 2U + bytes[0] % 64U) == whole);
  return 0;
}
