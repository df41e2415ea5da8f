#include "http/turn.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "http/sse.h"
#include "support/fake_sink.h"

namespace shimmy::http {
namespace {

class Host final : public TurnHost {
 public:
  void turn_completed() override { is_completed = true; }
  void turn_upgraded(Request /*request*/, const WebSocketHandler& /*handler*/) override {
    ADD_FAILURE() << "nobody asked for a WebSocket";
  }
  void cut() override { is_cut = true; }

  bool is_completed = false;
  bool is_cut = false;
};

// One request of `method` on a connection whose client takes what the test lets it take.
class TurnTest : public testing::Test {
 protected:
  std::shared_ptr<Turn> make(const std::string& method, ServerOptions options = {}) {
    Request request;
    request.id = "req_1";
    request.method = method;
    const auto service = std::make_shared<Service>(options, Router({}), nullptr, base::Logger());
    return std::make_shared<Turn>(service, std::move(request),
                                  Turn::Wire{.headers = {{"X-Wire", "1"}}}, output_, &host_);
  }

  // The client goes: who still waits for it would keep itself.
  void TearDown() override { sink_->take(0); }

  static Response beating() {
    Response head;
    head.content_type = kSseContentType;
    head.heartbeat = kSseHeartbeat;
    return head;
  }

  // What was sent since the last call.
  std::string sent() { return std::exchange(sink_->sent, {}); }

  static Turn::TimePoint later() {
    return std::chrono::steady_clock::now() + std::chrono::hours(1);
  }
  static Turn::TimePoint earlier() {
    return std::chrono::steady_clock::now() - std::chrono::hours(1);
  }

  Host host_;
  std::shared_ptr<support::FakeSink> sink_ = std::make_shared<support::FakeSink>();
  std::shared_ptr<Output> output_ = std::make_shared<Output>(sink_, Output::Listener{});
};

TEST_F(TurnTest, Http7_BeatsWhenTheStreamWasQuiet) {
  const auto turn = make("GET");
  ASSERT_TRUE(turn->start_stream(beating()));
  sent();
  turn->beat(later());
  EXPECT_EQ(sent(), "6\r\n: ka\n\n\r\n");
  turn->write("data: x\n\n");
  sent();
  turn->beat(later());
  EXPECT_EQ(sent(), "6\r\n: ka\n\n\r\n");
}

TEST_F(TurnTest, DoesNotBeatWhenItWasNot) {
  const auto turn = make("GET");
  turn->start_stream(beating());
  sent();
  turn->beat(earlier());  // since the headers
  EXPECT_EQ(sent(), "");
  const auto before = std::chrono::steady_clock::now();
  turn->beat(later());
  sent();
  turn->beat(before);  // since the last beat
  EXPECT_EQ(sent(), "");
  turn->write("x");
  sent();
  turn->beat(before);  // since the last piece
  EXPECT_EQ(sent(), "");
}

TEST_F(TurnTest, DoesNotBeatBeforeAfterOrWithoutAStream) {
  const auto turn = make("GET");
  turn->beat(later());
  EXPECT_EQ(sent(), "");
  turn->start_stream(beating());
  turn->finish();
  EXPECT_TRUE(host_.is_completed);
  sent();
  turn->beat(later());
  EXPECT_EQ(sent(), "");
  const auto whole = make("GET");
  whole->respond(beating());
  sent();
  whole->beat(later());
  EXPECT_EQ(sent(), "");
}

TEST_F(TurnTest, DoesNotBeatWhereNobodyAskedForIt) {
  const auto turn = make("GET");
  turn->start_stream({});
  sent();
  turn->beat(later());
  EXPECT_EQ(sent(), "");
}

TEST_F(TurnTest, DoesNotBeatInAnAnswerToHead) {
  const auto turn = make("HEAD");
  turn->start_stream(beating());
  sent();
  turn->beat(later());
  EXPECT_EQ(sent(), "");
}

TEST_F(TurnTest, DoesNotPileUpBeatsForAClientThatTakesNothing) {
  const auto turn = make("GET");
  turn->start_stream(beating());
  sink_->room = 0;
  turn->write("data: x\n\n");
  const std::size_t pending = output_->pending();
  for (int i = 0; i < 10; ++i) turn->beat(later());
  EXPECT_EQ(output_->pending(), pending);
}

TEST_F(TurnTest, EveryAnswerCarriesTheHeadersOfServerAndConnection) {
  ServerOptions options;
  options.extra_headers = {{"X-Extra", "1"}};
  options.processing_header = "X-Took";
  for (const bool is_stream : {false, true}) {
    const auto turn = make("GET", options);
    Response response;
    response.headers = {{"X-Own", "1"}};
    if (is_stream) {
      turn->start_stream(response);
    } else {
      turn->respond(response);
    }
    const std::string bytes = sent();
    for (const std::string header :
         {"X-Own: 1\r\n", "X-Wire: 1\r\n", "X-Extra: 1\r\n", "X-Took: "}) {
      EXPECT_NE(bytes.find(header), std::string::npos) << header;
    }
  }
}

TEST_F(TurnTest, AProblemsHeadersReplaceTheRenderers) {
  Request request;
  const Service service(
      {}, Router({}),
      [](const Request&, const Problem& problem) {
        return Response{problem.status, "text/plain", {{"retry-after", "9"}, {"A", "b"}}, ""};
      },
      base::Logger());
  const Response response =
      service.error_response(request, {.status = 429, .headers = {{"Retry-After", "30"}}});
  ASSERT_EQ(response.headers.size(), 2U);
  EXPECT_EQ(response.headers[0].name, "A");
  EXPECT_EQ(response.headers[1].value, "30");
}

}  // namespace
}  // namespace shimmy::http
