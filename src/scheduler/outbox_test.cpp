#include "scheduler/outbox.h"

#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>

namespace shimmy::scheduler {
namespace {

using generation::Event;
using generation::FinishedEvent;
using generation::TextEvent;

Event text(const std::string& words) { return TextEvent{words, {}}; }

std::string words_of(const std::optional<Event>& event) {
  return event ? std::get<TextEvent>(*event).text : "(nothing)";
}

TEST(Outbox, KeepsTheOrder) {
  Outbox outbox(8, [] {});
  outbox.push(text("a"));
  outbox.push(text("b"));
  EXPECT_EQ(words_of(outbox.poll()), "a");
  EXPECT_EQ(words_of(outbox.poll()), "b");
  EXPECT_FALSE(outbox.poll());
}

TEST(Outbox, SaysWhenItIsFull) {
  Outbox outbox(2, [] {});
  EXPECT_TRUE(outbox.has_room());
  outbox.push(text("a"));
  outbox.push(text("b"));
  EXPECT_FALSE(outbox.has_room());
}

TEST(Outbox, AlwaysTakesTheFinalEvent) {
  Outbox outbox(1, [] {});
  outbox.push(text("a"));
  outbox.push(FinishedEvent{});
  EXPECT_EQ(words_of(outbox.poll()), "a");
  EXPECT_TRUE(generation::is_final(*outbox.poll()));
}

TEST(Outbox, DropsWhatComesAfterTheFinalEvent) {
  Outbox outbox(8, [] {});
  outbox.push(FinishedEvent{});
  outbox.push(base::Error{});
  outbox.push(text("late"));
  EXPECT_TRUE(outbox.poll());
  EXPECT_FALSE(outbox.poll());
}

TEST(Outbox, CallsForAttentionWhenAFullOneIsHalfEmpty) {
  int calls = 0;
  Outbox outbox(4, [&] { ++calls; });
  for (int i = 0; i < 4; ++i) outbox.push(text("x"));
  outbox.poll();
  EXPECT_EQ(calls, 0);
  outbox.poll();
  EXPECT_EQ(calls, 1);
  outbox.poll();
  outbox.poll();
  EXPECT_EQ(calls, 1);
}

TEST(Outbox, DoesNotCallForAttentionWhenItWasNeverFull) {
  int calls = 0;
  Outbox outbox(4, [&] { ++calls; });
  outbox.push(text("x"));
  outbox.poll();
  EXPECT_EQ(calls, 0);
}

TEST(Outbox, CancelIsSeenAndCallsForAttention) {
  int calls = 0;
  Outbox outbox(4, [&] { ++calls; });
  EXPECT_FALSE(outbox.is_cancelled());
  outbox.cancel();
  EXPECT_TRUE(outbox.is_cancelled());
  EXPECT_EQ(calls, 1);
}

TEST(Outbox, WakesOnceForABurst) {
  Outbox outbox(8, [] {});
  int wakes = 0;
  outbox.on_event([&] { ++wakes; });
  EXPECT_EQ(wakes, 0);
  outbox.push(text("a"));
  outbox.push(text("b"));
  EXPECT_EQ(wakes, 1);
  while (outbox.poll()) {
  }
  outbox.push(text("c"));
  EXPECT_EQ(wakes, 2);
}

TEST(Outbox, WakesAtOnceWhenEventsWaitAlready) {
  Outbox outbox(8, [] {});
  outbox.push(text("a"));
  int wakes = 0;
  outbox.on_event([&] { ++wakes; });
  EXPECT_EQ(wakes, 1);
}

TEST(Outbox, DoesNotWakeAReaderWhoHasNotEmptiedIt) {
  Outbox outbox(8, [] {});
  int wakes = 0;
  outbox.on_event([&] { ++wakes; });
  outbox.push(text("a"));
  outbox.push(text("b"));
  outbox.poll();
  outbox.push(text("c"));
  EXPECT_EQ(wakes, 1);
}

TEST(Outbox, NextBlocksForTheEvent) {
  Outbox outbox(8, [] {});
  auto reader = std::async(std::launch::async, [&] { return outbox.next({}); });
  outbox.push(text("a"));
  EXPECT_EQ(words_of(reader.get()), "a");
}

TEST(Outbox, NextGivesUpWhenAskedTo) {
  Outbox outbox(8, [] {});
  std::stop_source stop;
  auto reader = std::async(std::launch::async, [&] { return outbox.next(stop.get_token()); });
  stop.request_stop();
  EXPECT_FALSE(reader.get());
}

TEST(Outbox, NextReturnsAtOnceAfterTheFinalEvent) {
  Outbox outbox(8, [] {});
  outbox.push(FinishedEvent{});
  EXPECT_TRUE(outbox.next({}));
  EXPECT_FALSE(outbox.next({}));
}

}  // namespace
}  // namespace shimmy::scheduler
