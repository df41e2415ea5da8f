#include "http/websocket_link.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "http/websocket_frame.h"
#include "support/fake_sink.h"
#include "support/websocket_client.h"

namespace shimmy::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::close_bytes;
using support::frame_bytes;
using support::ping_frame;
using support::text_frame;

class WebSocketLinkTest : public testing::Test, public WebSocketHost {
 protected:
  WebSocketLinkTest() { make({}); }
  ~WebSocketLinkTest() override {
    link_->gone();
    output_->close();
    sink_->take(0);  // a write in flight holds both
  }

  void make(WebSocketLink::Rules rules) {
    rules.message_bytes = 1000;
    rules.full_bytes = 100;
    sink_ = std::make_shared<support::FakeSink>();
    output_ = std::make_shared<Output>(
        sink_, Output::Listener{.progressed = [this] { link_->progressed(); }, .broken = {}});
    link_ = std::make_shared<WebSocketLink>(output_, rules, this, base::Logger());
    start_ = std::chrono::steady_clock::now();
    link_->on_message([this](std::string text) { messages_.push_back(std::move(text)); });
    link_->on_close([this] { ++closed_; });
  }

  void websocket_ended() override { ++ended_; }
  void cut() override { ++cut_; }

  void receive(const std::string& bytes) { link_->receive(bytes, start_); }
  std::string sent() { return std::exchange(sink_->sent, {}); }

  std::shared_ptr<support::FakeSink> sink_;
  std::shared_ptr<Output> output_;
  std::shared_ptr<WebSocketLink> link_;
  WebSocketLink::TimePoint start_;
  std::vector<std::string> messages_;
  int closed_ = 0;
  int ended_ = 0;
  int cut_ = 0;
};

using Texts = std::vector<std::string>;

TEST_F(WebSocketLinkTest, DeliversMessagesInOrder) {
  receive(text_frame("one") + text_frame("two"));
  EXPECT_EQ(messages_, (Texts{"one", "two"}));
}

TEST_F(WebSocketLinkTest, SendsMessagesAsTextFrames) {
  link_->send("hello");
  EXPECT_EQ(sent(), websocket_frame(Opcode::Text, "hello"));
}

TEST_F(WebSocketLinkTest, AnswersPingsWithTheirPayload) {
  receive(ping_frame("abc"));
  EXPECT_EQ(sent(), websocket_frame(Opcode::Pong, "abc"));
}

TEST_F(WebSocketLinkTest, IgnoresPongsNobodyAskedFor) {
  receive(frame_bytes({10, "x"}));
  EXPECT_EQ(sent(), "");
  EXPECT_EQ(closed_, 0);
}

TEST_F(WebSocketLinkTest, AnswersAClientsCloseWithItsCode) {
  receive(close_bytes(4001, "done") + text_frame("late"));
  EXPECT_EQ(sent(), close_frame(4001, ""));
  EXPECT_TRUE(messages_.empty());
  EXPECT_EQ(closed_, 1);
  EXPECT_EQ(ended_, 1);
}

TEST_F(WebSocketLinkTest, AnswersACloseWithoutCodeInKind) {
  receive(frame_bytes({8, ""}));
  EXPECT_EQ(sent(), websocket_frame(Opcode::Close, ""));
}

TEST_F(WebSocketLinkTest, ClosesAndWaitsForTheClient) {
  link_->close(1001, "bye");
  EXPECT_EQ(sent(), close_frame(1001, "bye"));
  receive(text_frame("late") + ping_frame("late"));
  EXPECT_TRUE(messages_.empty());
  EXPECT_EQ(ended_, 0);
  receive(close_bytes(1001));
  EXPECT_EQ(sent(), "");
  EXPECT_EQ(closed_, 1);
  EXPECT_EQ(ended_, 1);
}

TEST_F(WebSocketLinkTest, DoesNotWaitForACloseForEver) {
  link_->close(1000, "");
  const auto now = std::chrono::steady_clock::now();
  link_->check(now + milliseconds(1900));
  EXPECT_EQ(ended_, 0);
  link_->check(now + milliseconds(2100));
  EXPECT_EQ(ended_, 1);
  EXPECT_EQ(closed_, 1);
}

TEST_F(WebSocketLinkTest, SendsNothingAfterAClose) {
  link_->close(1000, "");
  sent();
  link_->send("late");
  link_->close(1001, "again");
  EXPECT_EQ(sent(), "");
}

TEST_F(WebSocketLinkTest, TellsTheClientWhatItDidWrong) {
  receive(frame_bytes({.payload = "x", .is_masked = false}) + text_frame("late"));
  const std::string frame = sent();
  EXPECT_EQ(frame.substr(2, 2), support::close_payload(1002));
  EXPECT_TRUE(messages_.empty());
  EXPECT_EQ(closed_, 1);
  EXPECT_EQ(ended_, 1);
}

TEST_F(WebSocketLinkTest, RefusesMessagesOverItsLimit) {
  receive(text_frame(std::string(1001, 'x')));
  EXPECT_EQ(sent().substr(2, 2), support::close_payload(1009));
}

TEST_F(WebSocketLinkTest, ClosesWhenAMessageHandlerThrows) {
  link_->on_message([](const std::string&) { throw std::runtime_error("bug"); });
  receive(text_frame("x"));
  EXPECT_EQ(sent().substr(2, 2), support::close_payload(1011));
}

TEST_F(WebSocketLinkTest, LetsACallbackCloseTheSocket) {
  link_->on_message([this](const std::string&) { link_->close(4000, ""); });
  receive(text_frame("a") + text_frame("b"));
  EXPECT_EQ(sent(), close_frame(4000, ""));
}

TEST_F(WebSocketLinkTest, IsFullUntilTheClientTakesWhatWasSent) {
  int drained = 0;
  link_->on_drained([&] { ++drained; });
  sink_->room = 0;
  link_->send(std::string(98, 'x'));  // 100 bytes with its head
  EXPECT_TRUE(link_->is_full());
  EXPECT_FALSE(link_->wants_more());
  sink_->take(1);
  EXPECT_EQ(drained, 1);
  EXPECT_FALSE(link_->is_full());
  sink_->take(1000);
  EXPECT_EQ(drained, 1);
}

TEST_F(WebSocketLinkTest, DoesNotReadOnWhilePongsPileUp) {
  sink_->room = 0;
  std::string flood;
  for (int i = 0; i < 50; ++i) flood += ping_frame("");
  receive(flood);
  EXPECT_FALSE(link_->wants_more());
  sink_->take(1000);
  EXPECT_TRUE(link_->wants_more());
}

TEST_F(WebSocketLinkTest, CutsAProducerThatIgnoresFullness) {
  sink_->room = 0;
  for (int i = 0; i < 30; ++i) link_->send(std::string(98, 'x'));
  EXPECT_GT(cut_, 0);
  EXPECT_LT(output_->pending(), 1800U);
}

TEST_F(WebSocketLinkTest, EndsOnlyWhenTheCloseIsWithTheKernel) {
  sink_->room = 0;
  receive(close_bytes(1000));
  EXPECT_EQ(closed_, 1);
  EXPECT_EQ(ended_, 0);
  sink_->take(1000);
  EXPECT_EQ(ended_, 1);
}

TEST_F(WebSocketLinkTest, PingsASilentClientAndThenCutsIt) {
  make({.ping_period = seconds(30)});
  link_->check(start_ + seconds(29));
  EXPECT_EQ(sent(), "");
  link_->check(start_ + seconds(31));
  EXPECT_EQ(sent(), websocket_frame(Opcode::Ping, ""));
  link_->check(start_ + seconds(60));
  EXPECT_EQ(cut_, 0);
  link_->check(start_ + seconds(62));
  EXPECT_EQ(cut_, 1);
  EXPECT_EQ(sent(), "");
}

TEST_F(WebSocketLinkTest, KeepsAClientThatAnswersItsPings) {
  make({.ping_period = seconds(30)});
  for (int round = 1; round < 5; ++round) {
    link_->check(start_ + seconds(31) * round);
    EXPECT_EQ(sent(), websocket_frame(Opcode::Ping, "")) << round;
    link_->receive(frame_bytes({10, ""}), start_ + seconds(31) * round + milliseconds(5));
  }
  EXPECT_EQ(cut_, 0);
}

TEST_F(WebSocketLinkTest, DoesNotPingAClientThatSends) {
  make({.ping_period = seconds(30)});
  for (int round = 1; round < 10; ++round) {
    link_->receive(text_frame("x"), start_ + seconds(20) * round);
    link_->check(start_ + seconds(20) * round + seconds(19));
  }
  EXPECT_EQ(sent(), "");
}

TEST_F(WebSocketLinkTest, NeverPingsWithAPeriodOfZero) {
  link_->check(start_ + std::chrono::hours(10));
  EXPECT_EQ(sent(), "");
  EXPECT_EQ(cut_, 0);
}

TEST_F(WebSocketLinkTest, TellsTheHandlerWhenTheConnectionIsLost) {
  link_->gone();
  EXPECT_EQ(closed_, 1);
  EXPECT_EQ(ended_, 0);
  bool was_told = false;
  link_->on_close([&] { was_told = true; });
  EXPECT_TRUE(was_told);
  link_->gone();
  EXPECT_EQ(closed_, 1);
}

TEST_F(WebSocketLinkTest, ClosesAtOnceWhenTheServerDrains) {
  link_->drain();
  EXPECT_EQ(sent(), close_frame(1001, "The server is stopping."));
}

TEST_F(WebSocketLinkTest, LetsAHandlerFinishWhenTheServerDrains) {
  int asked = 0;
  link_->on_draining([&] { ++asked; });
  link_->drain();
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(sent(), "");
  link_->send("still here");
  EXPECT_NE(sent(), "");
}

TEST_F(WebSocketLinkTest, LetsAHandlerSayItsLastWordsWhenItsTimeIsOver) {
  link_->on_draining([] {});
  link_->on_stopping([this] { link_->send("sorry"); });
  link_->drain();
  link_->stop();
  EXPECT_EQ(sent(),
            websocket_frame(Opcode::Text, "sorry") + close_frame(1001, "The server is stopping."));
}

TEST_F(WebSocketLinkTest, LetsGoOfItsCallbacksAtTheEnd) {
  const auto held = std::make_shared<int>(0);
  link_->on_message([held](const std::string&) {});
  link_->on_drained([held] {});
  link_->on_draining([held] {});
  link_->on_stopping([held] {});
  link_->on_close([held] {});
  EXPECT_EQ(held.use_count(), 6);
  receive(close_bytes(1000));
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace shimmy::http
