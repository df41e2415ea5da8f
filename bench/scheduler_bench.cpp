// What a step costs beside the model: the scheduler over a decoder that does nothing.
#include <benchmark/benchmark.h>

#include <memory>
#include <vector>

#include "base/clock.h"
#include "scheduler/batch_scheduler.h"
#include "support/byte_tokenizer.h"

namespace {

using namespace shimmy;
using scheduler::Decoder;
using scheduler::DecodeStatus;
using scheduler::Row;
using scheduler::SequenceId;
using support::ByteTokenizer;

// Answers at once, always with the same logits.
class NullDecoder final : public Decoder {
 public:
  explicit NullDecoder(const Limits& limits) : limits_(limits), logits_(limits.vocabulary, 0.0F) {
    logits_['a'] = 1.0F;
  }
  const Limits& limits() const override { return limits_; }
  std::size_t cells() const override { return limits_.cells; }
  std::size_t attainable_cells() const override { return limits_.cells; }
  bool grow(std::size_t /*cells*/) override { return false; }
  void shrink() override {}
  generation::EngineMemory memory() const override { return {}; }
  DecodeStatus decode(std::span<const Row> /*rows*/,
                      const std::function<bool()>& /*abort*/) override {
    return DecodeStatus::Done;
  }
  std::span<const float> logits(std::size_t /*index*/) override { return logits_; }
  bool truncate(SequenceId /*sequence*/, std::int32_t /*position*/) override { return true; }
  base::Result<std::vector<std::uint8_t>> save(SequenceId /*sequence*/) override { return {}; }
  base::Result<void> restore(SequenceId /*sequence*/,
                             std::span<const std::uint8_t> /*s*/) override {
    return {};
  }

 private:
  const Limits limits_;
  std::vector<float> logits_;
};

// One step of `sequences` streams, readers included. Time is per step.
void step_of_streams(benchmark::State& state) {
  const auto sequences = static_cast<std::size_t>(state.range(0));
  const ByteTokenizer tokenizer;
  const base::SteadyClock clock;
  scheduler::ComputeTurns turns;
  NullDecoder decoder({sequences, std::size_t{1} << 40, 512, tokenizer.size()});
  scheduler::BatchScheduler scheduler(decoder, tokenizer, clock, turns, 80, base::Logger());
  std::vector<std::shared_ptr<scheduler::Outbox>> outboxes;
  for (std::size_t i = 0; i < sequences; ++i) {
    generation::Request request;
    request.prompt = {ByteTokenizer::kBegin};
    request.stop = {"never this", "nor that"};
    auto outbox = std::make_shared<scheduler::Outbox>(256, [] {});
    auto sampler =
        std::make_unique<scheduler::GreedySampler>(scheduler::LogitEdits(request, tokenizer));
    scheduler.add({std::move(request), std::move(sampler), outbox, clock.now()});
    outboxes.push_back(std::move(outbox));
  }
  for (auto step : state) {
    (void)step;
    scheduler.step();
    for (auto& outbox : outboxes) {
      while (outbox->poll()) {
      }
    }
  }
}
BENCHMARK(step_of_streams)->Arg(1)->Arg(4)->Arg(16)->Arg(64)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
