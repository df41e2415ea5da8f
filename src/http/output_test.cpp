#include "http/output.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "http/stream_body.h"
#include "support/fake_sink.h"

namespace shimmy::http {
namespace {

using support::FakeSink;

struct OutputTest : testing::Test {
  // A write left in flight would keep sink and output alive for each other.
  ~OutputTest() override { sink->take(0); }

  std::shared_ptr<FakeSink> sink = std::make_shared<FakeSink>();
  int progressed = 0;
  int broken = 0;
  std::shared_ptr<Output> output = std::make_shared<Output>(
      sink,
      Output::Listener{.progressed = [this] { ++progressed; }, .broken = [this] { ++broken; }});
};

TEST_F(OutputTest, SendsAtOnceWhatTheSocketTakes) {
  output->write("hello");
  EXPECT_EQ(sink->sent, "hello");
  EXPECT_EQ(output->pending(), 0U);
  EXPECT_EQ(progressed, 0);
}

TEST_F(OutputTest, QueuesTheRestInOrder) {
  sink->room = 3;
  output->write("hello");
  output->write(" world");
  EXPECT_EQ(sink->sent, "hel");
  EXPECT_EQ(output->pending(), 8U);
  while (output->pending() != 0) sink->take(3);
  EXPECT_EQ(sink->sent, "hello world");
  EXPECT_EQ(progressed, 3);
}

TEST_F(OutputTest, HasOneWriteInFlight) {
  sink->room = 0;
  output->write("a");
  output->write("b");
  output->write("c");
  EXPECT_EQ(sink->most_in_flight, 1);
  sink->take(1);
  sink->take(9);
  EXPECT_EQ(sink->sent, "abc");
  EXPECT_EQ(sink->most_in_flight, 1);
}

TEST_F(OutputTest, ReportsABreakOnce) {
  sink->is_broken = true;
  output->write("a");
  output->write("b");
  EXPECT_TRUE(output->is_broken());
  EXPECT_EQ(broken, 1);
}

TEST_F(OutputTest, ReportsABreakOfAQueuedWrite) {
  sink->room = 0;
  output->write("a");
  sink->take(0);
  EXPECT_EQ(broken, 1);
  EXPECT_EQ(progressed, 0);
}

TEST_F(OutputTest, IsSilentOnceClosed) {
  sink->room = 0;
  output->write("a");
  output->close();
  sink->take(1);
  output->write("b");
  EXPECT_EQ(progressed, 0);
  EXPECT_EQ(sink->sent, "a");
}

struct StreamBodyTest : OutputTest {
  StreamBody body(StreamFraming framing) { return {output, framing, 20}; }
};

TEST_F(StreamBodyTest, WritesChunksAndTheirEnd) {
  StreamBody stream = body(StreamFraming::Chunked);
  stream.write("hello");
  stream.write("");
  stream.write(std::string(26, 'x'));
  stream.finish();
  EXPECT_EQ(sink->sent, "5\r\nhello\r\n1a\r\n" + std::string(26, 'x') + "\r\n0\r\n\r\n");
  EXPECT_EQ(stream.body_bytes(), 31U);
}

TEST_F(StreamBodyTest, WritesPlainBytes) {
  StreamBody stream = body(StreamFraming::Plain);
  stream.write("a");
  stream.write("b");
  stream.finish();
  EXPECT_EQ(sink->sent, "ab");
}

TEST_F(StreamBodyTest, WritesNothingForHead) {
  StreamBody stream = body(StreamFraming::Discard);
  stream.write("a");
  stream.finish();
  EXPECT_EQ(sink->sent, "");
  EXPECT_FALSE(stream.is_full());
}

TEST_F(StreamBodyTest, WritesNothingAfterItsEnd) {
  StreamBody stream = body(StreamFraming::Chunked);
  stream.finish();
  stream.finish();
  stream.write("late");
  EXPECT_EQ(sink->sent, "0\r\n\r\n");
}

TEST_F(StreamBodyTest, IsFullUntilTheClientReads) {
  StreamBody stream = body(StreamFraming::Plain);
  int drained = 0;
  stream.on_drained([&] { ++drained; });
  sink->room = 0;
  stream.write(std::string(19, 'x'));
  EXPECT_FALSE(stream.is_full());
  stream.write("x");
  EXPECT_TRUE(stream.is_full());
  sink->take(19);
  stream.progressed();
  EXPECT_EQ(drained, 1);
  EXPECT_FALSE(stream.is_full());
  sink->take(1);
  stream.progressed();
  EXPECT_EQ(drained, 1);
}

TEST_F(StreamBodyTest, DoesNotCallDrainedWhileStillFull) {
  StreamBody stream = body(StreamFraming::Plain);
  int drained = 0;
  stream.on_drained([&] { ++drained; });
  sink->room = 0;
  stream.write(std::string(40, 'x'));
  sink->take(5);
  stream.progressed();
  EXPECT_EQ(drained, 0);
}

TEST_F(StreamBodyTest, TheDrainedCallbackMayFinishTheStream) {
  StreamBody stream = body(StreamFraming::Chunked);
  stream.on_drained([&] { stream.finish(); });
  sink->room = 0;
  stream.write(std::string(40, 'x'));
  sink->take(1000);
  sink->room = 1000;
  stream.progressed();
  EXPECT_TRUE(sink->sent.ends_with("\r\n0\r\n\r\n"));
}

}  // namespace
}  // namespace shimmy::http
