// A scheduler over a fake model, stepped by hand.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/batch_scheduler.h"
#include "support/byte_tokenizer.h"
#include "support/fake_clock.h"
#include "support/fake_decoder.h"

namespace shimmy::scheduler {

using generation::Event;
using generation::FinishedEvent;
using generation::Request;
using generation::TextEvent;
using support::ByteTokenizer;
using support::FakeClock;
using support::FakeDecoder;
using support::scrambled_next;

// What a reader has got so far.
struct Reader {
  std::shared_ptr<Outbox> outbox;
  std::string text;
  std::optional<FinishedEvent> finished;
  std::optional<base::Error> error;

  bool ended() const { return finished || error; }
  void read() {
    while (auto event = outbox->poll()) {
      if (auto* more = std::get_if<TextEvent>(&*event)) text += more->text;
      if (auto* end = std::get_if<FinishedEvent>(&*event)) finished = *end;
      if (auto* failure = std::get_if<base::Error>(&*event)) error = *failure;
    }
  }
};

class Scheduling : public testing::Test {
 protected:
  void make(std::size_t max_sequences, std::size_t cells, std::size_t max_rows = 512,
            FakeDecoder::NextToken next = scrambled_next) {
    decoder = std::make_unique<FakeDecoder>(
        Decoder::Limits{max_sequences, cells, max_rows, tokenizer.size()}, std::move(next));
    scheduler =
        std::make_unique<BatchScheduler>(*decoder, tokenizer, clock, turns, 80, base::Logger());
  }

  // A cache that grows: from `first` to `limit` cells, as long as there is memory for `affordable`.
  void make_elastic(std::size_t max_sequences, std::size_t first, std::size_t limit,
                    std::size_t affordable) {
    decoder = std::make_unique<FakeDecoder>(
        Decoder::Limits{max_sequences, limit, 512, tokenizer.size()}, scrambled_next);
    decoder->begin_with(first);
    decoder->affordable_cells = affordable;
    scheduler =
        std::make_unique<BatchScheduler>(*decoder, tokenizer, clock, turns, 80, base::Logger());
  }

  Request request(const std::string& prompt, int max_tokens) {
    Request request;
    request.prompt = tokenizer.encode(prompt, true, generation::SpecialText::Plain);
    request.max_tokens = max_tokens;
    return request;
  }

  Reader& submit(Request request, std::size_t outbox_events = 10000) {
    auto outbox = std::make_shared<Outbox>(outbox_events, [] {});
    auto sampler = std::make_unique<GreedySampler>(LogitEdits(request, tokenizer));
    scheduler->add({std::move(request), std::move(sampler), outbox, clock.now()});
    readers.push_back(std::make_unique<Reader>(Reader{outbox, {}, {}, {}}));
    return *readers.back();
  }

  // Steps until nothing is left to do; the readers keep up.
  void run() {
    for (int steps = 0; scheduler->step(); ++steps) {
      ASSERT_LT(steps, 100000) << "no end in sight";
      for (auto& reader : readers) reader->read();
    }
    for (auto& reader : readers) reader->read();
  }

  // What the fake model makes of a prompt when nobody else is there.
  std::string expected(const std::string& prompt, int tokens) {
    auto history = tokenizer.encode(prompt, true, generation::SpecialText::Plain);
    std::string text;
    for (int i = 0; i < tokens; ++i) {
      history.push_back(scrambled_next(history));
      text += static_cast<char>(history.back());
    }
    return text;
  }

  ByteTokenizer tokenizer;
  FakeClock clock;
  ComputeTurns turns;
  std::unique_ptr<FakeDecoder> decoder;
  std::unique_ptr<BatchScheduler> scheduler;
  std::vector<std::unique_ptr<Reader>> readers;
};

}  // namespace shimmy::scheduler
