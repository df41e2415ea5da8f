#include "http/websocket_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "support/websocket_client.h"

namespace shimmy::http {
namespace {

using support::close_bytes;
using support::Frame;
using support::frame_bytes;
using support::ping_frame;
using support::text_frame;
using Kind = WebSocketReader::Kind;

constexpr std::size_t kLimit = 100'000;

std::string written(const WebSocketReader::Event& event) {
  switch (event.kind) {
    case Kind::Text: return "text " + event.payload;
    case Kind::Ping: return "ping " + event.payload;
    case Kind::Pong: return "pong " + event.payload;
    case Kind::Close: return "close " + std::to_string(event.code) + " " + event.payload;
    case Kind::Failure: return "failure " + std::to_string(event.code);
  }
  return "?";
}

// What comes out when the bytes arrive in pieces of that size.
std::vector<std::string> events_of(std::string_view bytes, std::size_t piece,
                                   std::size_t limit = kLimit) {
  WebSocketReader reader(limit);
  std::vector<std::string> events;
  while (!bytes.empty()) {
    std::string_view part = bytes.substr(0, piece);
    bytes.remove_prefix(part.size());
    while (const auto event = reader.next(part)) events.push_back(written(*event));
    EXPECT_TRUE(part.empty());
  }
  return events;
}

struct Case {
  const char* name;
  std::string bytes;
  std::vector<std::string> events;
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

class WebSocketBytes : public testing::TestWithParam<Case> {};

TEST_P(WebSocketBytes, GiveTheSameEventsHoweverTheyAreCut) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7},
                                  std::size_t{1000}, GetParam().bytes.size()}) {
    EXPECT_EQ(events_of(GetParam().bytes, piece), GetParam().events) << "in pieces of " << piece;
  }
}

std::string raw(std::string_view bytes) { return std::string(bytes); }

Frame part(std::string text, bool is_first, bool is_last) {
  return {.opcode = static_cast<std::uint8_t>(is_first ? 1 : 0),
          .payload = std::move(text),
          .is_final = is_last};
}

std::vector<Case> good_cases() {
  const std::string medium(126, 'm');
  const std::string large(65'536, 'l');
  return {
      {"Text", text_frame("hello"), {"text hello"}},
      {"EmptyText", text_frame(""), {"text "}},
      {"SeveralMessages", text_frame("a") + text_frame("b"), {"text a", "text b"}},
      {"SixteenBitLength", text_frame(medium), {"text " + medium}},
      {"SixtyFourBitLength", text_frame(large), {"text " + large}},
      {"Fragments",
       frame_bytes(part("one ", true, false)) + frame_bytes(part("two ", false, false)) +
           frame_bytes(part("three", false, true)),
       {"text one two three"}},
      {"EmptyFragments",
       frame_bytes(part("", true, false)) + frame_bytes(part("x", false, false)) +
           frame_bytes(part("", false, true)),
       {"text x"}},
      {"ControlBetweenFragments",
       frame_bytes(part("one ", true, false)) + ping_frame("now") + frame_bytes({10, "late"}) +
           frame_bytes(part("two", false, true)),
       {"ping now", "pong late", "text one two"}},
      {"CharacterAcrossFragments",
       frame_bytes(part("\xF0\x9F", true, false)) + ping_frame("\xFF") +
           frame_bytes(part("\x98\x80", false, true)),
       {"ping \xFF", "text \xF0\x9F\x98\x80"}},
      {"LargestControl", ping_frame(std::string(125, 'p')), {"ping " + std::string(125, 'p')}},
      {"Close", close_bytes(1000, "bye"), {"close 1000 bye"}},
      {"CloseWithoutCode", frame_bytes({8, ""}), {"close 1005 "}},
      {"ClosePrivateCode", close_bytes(4321), {"close 4321 "}},
      {"NothingAfterClose", close_bytes(1001) + text_frame("x") + raw("\xFF\xFF"), {"close 1001 "}},
      {"CloseWithinAMessage",
       frame_bytes(part("x", true, false)) + close_bytes(1000),
       {"close 1000 "}},
  };
}

INSTANTIATE_TEST_SUITE_P(Good, WebSocketBytes, testing::ValuesIn(good_cases()),
                         [](const auto& test) { return test.param.name; });

std::vector<Case> bad_cases() {
  std::vector<Case> cases = {
      {"Unmasked", frame_bytes({.payload = "x", .is_masked = false}), {"failure 1002"}},
      {"UnmaskedClose", frame_bytes({.opcode = 8, .is_masked = false}), {"failure 1002"}},
      {"ContinuationOfNothing", frame_bytes(part("x", false, true)), {"failure 1002"}},
      {"ContinuationAfterTheEnd",
       text_frame("a") + frame_bytes(part("x", false, true)),
       {"text a", "failure 1002"}},
      {"NewMessageWithinOne",
       frame_bytes(part("a", true, false)) + text_frame("x"),
       {"failure 1002"}},
      {"FragmentedPing", frame_bytes({.opcode = 9, .is_final = false}), {"failure 1002"}},
      {"FragmentedClose", frame_bytes({.opcode = 8, .is_final = false}), {"failure 1002"}},
      {"LongPing", ping_frame(std::string(126, 'p')), {"failure 1002"}},
      {"LongClose", close_bytes(1000, std::string(124, 'p')), {"failure 1002"}},
      {"Binary", frame_bytes({2, "x"}), {"failure 1003"}},
      {"BinaryWithinAMessage",
       frame_bytes(part("a", true, false)) + frame_bytes({2, "x"}),
       {"failure 1003"}},
      {"LengthLongerThanNeedBe",
       frame_bytes({.payload = "x", .length_bytes = 2}),
       {"failure 1002"}},
      {"SixtyFourBitsWhereSixteenWouldDo",
       frame_bytes({.payload = std::string(200, 'x'), .length_bytes = 8}),
       {"failure 1002"}},
      {"NegativeLength",
       raw("\x81\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF") + "mask",
       {"failure 1002"}},
      {"BadUtf8", text_frame("a\xFF"), {"failure 1007"}},
      {"BadUtf8InAFragment",
       frame_bytes(part("\xF0\x9F", true, false)) + frame_bytes(part("z", false, false)),
       {"failure 1007"}},
      {"SurrogateAcrossFragments",
       frame_bytes(part("\xED", true, false)) + frame_bytes(part("\xA0\x80", false, true)),
       {"failure 1007"}},
      {"EndsWithinACharacter", text_frame("\xE2\x82"), {"failure 1007"}},
      {"TooLarge", text_frame(std::string(kLimit + 1, 'x')), {"failure 1009"}},
      {"TooLargeInFragments",
       frame_bytes(part(std::string(kLimit, 'x'), true, false)) +
           frame_bytes(part("x", false, true)),
       {"failure 1009"}},
      {"CloseOfOneByte", frame_bytes({8, "x"}), {"failure 1002"}},
      {"CloseReasonNotUtf8", close_bytes(1000, "\xFF"), {"failure 1007"}},
      {"CloseReasonCutWithinACharacter", close_bytes(1000, "\xC3"), {"failure 1007"}},
      {"NothingAfterAFailure", frame_bytes({2, "x"}) + text_frame("a"), {"failure 1003"}},
  };
  for (const int code : {0, 999, 1004, 1005, 1006, 1015, 2000, 5000}) {
    cases.push_back({"CloseCode", close_bytes(static_cast<std::uint16_t>(code)), {"failure 1002"}});
  }
  for (const int opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
    cases.push_back(
        {"Opcode", frame_bytes({.opcode = static_cast<std::uint8_t>(opcode)}), {"failure 1002"}});
  }
  for (const int bits : {1, 2, 4, 7}) {
    cases.push_back({"ReservedBits",
                     frame_bytes({.payload = "x", .reserved = static_cast<std::uint8_t>(bits)}),
                     {"failure 1002"}});
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Bad, WebSocketBytes, testing::ValuesIn(bad_cases()), [](const auto& test) {
  return test.param.name + std::to_string(test.index);
});

TEST(WebSocketReader, RefusesALargeMessageBeforeItComes) {
  const std::string announced = text_frame(std::string(kLimit + 1, 'x')).substr(0, 14);
  EXPECT_EQ(events_of(announced, 1), std::vector<std::string>{"failure 1009"});
}

TEST(WebSocketReader, TakesAMessageOfExactlyTheLimit) {
  EXPECT_EQ(events_of(text_frame("12345678"), 100, 8), std::vector<std::string>{"text 12345678"});
}

TEST(WebSocketReader, SeesBadTextBeforeTheMessageIsWhole) {
  const std::string frame = text_frame("ab\xFF" + std::string(100, 'x'));
  EXPECT_EQ(events_of(frame.substr(0, 9), 1), std::vector<std::string>{"failure 1007"});
}

TEST(WebSocketReader, WaitsForTheRestOfAFrame) {
  const std::string frame = text_frame("hello");
  for (std::size_t size = 0; size < frame.size(); ++size) {
    EXPECT_TRUE(events_of(frame.substr(0, size), 100).empty()) << size;
  }
}

TEST(WebSocketReader, LeavesWhatFollowsAnEventToTheNextCall) {
  WebSocketReader reader(kLimit);
  const std::string bytes = text_frame("a") + text_frame("b");
  std::string_view rest = bytes;
  ASSERT_TRUE(reader.next(rest));
  EXPECT_EQ(rest.size(), text_frame("b").size());
}

}  // namespace
}  // namespace shimmy::http
