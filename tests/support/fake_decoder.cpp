#include "support/fake_decoder.h"

#include <cstring>
#include <stdexcept>

namespace shimmy::support {

using scheduler::DecodeStatus;
using scheduler::Row;
using scheduler::SequenceId;

namespace {

void require(bool holds, const std::string& rule) {
  if (!holds) throw std::logic_error("FakeDecoder: " + rule);
}

}  // namespace

DecodeStatus FakeDecoder::decode(std::span<const Row> rows,
                                 const std::function<bool()>& should_abort) {
  require(!rows.empty() && rows.size() <= limits_.max_rows, "1 to max_rows rows");
  logits_.clear();
  if (on_decode) on_decode(rows);
  if (!planned_.empty()) {
    const DecodeStatus status = planned_.front();
    planned_.pop_front();
    if (status != DecodeStatus::Done) return status;
  }
  if (cells_used() + rows.size() > cells_) return DecodeStatus::CacheFull;
  for (const Row& row : rows) {
    require(row.sequence >= 0 && static_cast<std::size_t>(row.sequence) < limits_.max_sequences,
            "sequence ids are below max_sequences");
    Tokens& held = cache_[row.sequence];
    require(row.position == static_cast<std::int32_t>(held.size()), "positions have no gaps");
    held.push_back(row.token);
    const auto index = static_cast<std::size_t>(&row - rows.data());
    if (!row.wants_logits) continue;
    std::vector<float>& logits = logits_[index];
    logits.assign(limits_.vocabulary, 0.0F);
    logits.at(static_cast<std::size_t>(next_(held))) = 10.0F;
  }
  // As libllama: rows of micro-batches that were done stay, logits are lost.
  if (should_abort && should_abort()) {
    logits_.clear();
    return DecodeStatus::Aborted;
  }
  batches.emplace_back(rows.begin(), rows.end());
  return DecodeStatus::Done;
}

bool FakeDecoder::grow(std::size_t cells) {
  require(cells > cells_ && cells <= limits_.cells, "growth is growth, up to the limit");
  growths.push_back(cells);
  if (cells > affordable_cells) return false;
  cells_ = cells;
  logits_.clear();
  return true;
}

void FakeDecoder::shrink() {
  require(cells_used() == 0, "only an empty cache shrinks");
  cells_ = first_cells_;
}

std::span<const float> FakeDecoder::logits(std::size_t index) {
  require(logits_.contains(index), "logits are read where they were wanted");
  return logits_.at(index);
}

bool FakeDecoder::truncate(SequenceId sequence, std::int32_t position) {
  Tokens& held = cache_[sequence];
  if (position > 0 && !can_truncate) return false;
  if (static_cast<std::size_t>(position) < held.size())
    held.resize(static_cast<std::size_t>(position));
  return true;
}

base::Result<std::vector<std::uint8_t>> FakeDecoder::save(SequenceId sequence) {
  if (!can_save) return base::fail(base::ErrorCode::GenerationFailed, "cannot save");
  ++saves;
  const Tokens& held = cache_[sequence];
  std::vector<std::uint8_t> bytes(held.size() * sizeof(scheduler::Token));
  std::memcpy(bytes.data(), held.data(), bytes.size());
  return bytes;
}

base::Result<void> FakeDecoder::restore(SequenceId sequence, std::span<const std::uint8_t> state) {
  if (!can_restore) return base::fail(base::ErrorCode::GenerationFailed, "cannot restore");
  require(cache_[sequence].empty(), "restored into an empty sequence");
  ++restores;
  Tokens held(state.size() / sizeof(scheduler::Token));
  std::memcpy(held.data(), state.data(), state.size());
  require(cells_used() + held.size() <= cells_, "a restored sequence has room");
  cache_[sequence] = std::move(held);
  return {};
}

std::size_t FakeDecoder::cells_used() const {
  std::size_t used = 0;
  for (const auto& [sequence, held] : cache_) used += held.size();
  return used;
}

scheduler::Token scrambled_next(const FakeDecoder::Tokens& history) {
  std::uint32_t hash = 2166136261U;
  for (const scheduler::Token token : history)
    hash = (hash ^ static_cast<std::uint32_t>(token)) * 16777619U;
  return static_cast<scheduler::Token>('a' + (hash >> 8) % 26);
}

}  // namespace shimmy::support
