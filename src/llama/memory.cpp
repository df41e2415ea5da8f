#include "llama/memory.h"

#include <llama.h>

#include <algorithm>

namespace shimmy::llama {

MemoryLimits memory_limits(const ModelFacts& facts, std::int32_t max_sequences, bool unified,
                           bool full_window) {
  MemoryLimits limits;
  const bool has_state = facts.is_recurrent || facts.is_hybrid;
  // DeepSeek 4 compresses old cells: they cannot be split any more.
  const bool has_compressed_cells = facts.architecture == "deepseek4";
  limits.window_tokens = facts.window_tokens;
  limits.full_window = full_window || facts.window_tokens == 0;
  if (facts.is_hybrid) {
    limits.kind = MemoryKind::Hybrid;
  } else if (facts.is_recurrent) {
    limits.kind = MemoryKind::Recurrent;
  } else if (facts.window_tokens > 0) {
    limits.kind = MemoryKind::SlidingWindow;
  }
  limits.partial_remove = !has_state && !has_compressed_cells;
  limits.range_copy = !has_state && !has_compressed_cells && unified;
  limits.shift = !has_state && !has_compressed_cells;
  const bool has_spare_ids = unified && !has_state && !has_compressed_cells;
  limits.sequence_ids = has_spare_ids ? kMaxSequences : max_sequences;
  return limits;
}

Memory::Memory(llama_memory_i* memory, const MemoryLimits& limits)
    : memory_(memory), limits_(limits) {}

bool Memory::is_valid(SequenceId sequence) const {
  return memory_ != nullptr && sequence >= 0 && sequence < limits_.sequence_ids;
}

bool Memory::remove(SequenceId sequence, Position from, Position to) {
  if (!is_valid(sequence)) return false;
  const Position last = last_position(sequence);
  from = std::max(from, 0);
  const Position end = to < 0 ? last + 1 : std::min(to, last + 1);
  if (from >= end) return true;  // nothing there to forget
  const bool is_whole = from == 0 && end == last + 1;
  if (is_whole) return llama_memory_seq_rm(memory_, sequence, -1, -1);
  return limits_.partial_remove && llama_memory_seq_rm(memory_, sequence, from, end);
}

bool Memory::copy(SequenceId source, SequenceId target, Position to) {
  if (!is_valid(source) || !is_valid(target) || source == target) return false;
  if (last_position(target) >= 0) return false;
  const bool is_whole = to < 0 || to > last_position(source);
  if (!is_whole && !limits_.range_copy) return false;
  llama_memory_seq_cp(memory_, source, target, is_whole ? -1 : 0, is_whole ? -1 : to);
  return true;
}

void Memory::keep(SequenceId sequence) {
  if (is_valid(sequence)) llama_memory_seq_keep(memory_, sequence);
}

bool Memory::shift(SequenceId sequence, Position from, Position to, Position delta) {
  if (!is_valid(sequence) || !limits_.shift) return false;
  from = std::max(from, first_position(sequence));
  if (to >= 0 && to <= from) return true;
  if (delta < 0 && from + delta < 0) return false;
  llama_memory_seq_add(memory_, sequence, from, to, delta);
  return true;
}

void Memory::clear() {
  if (memory_ != nullptr) llama_memory_clear(memory_, /*data=*/false);
}

Position Memory::first_position(SequenceId sequence) const {
  return is_valid(sequence) ? llama_memory_seq_pos_min(memory_, sequence) : -1;
}

Position Memory::last_position(SequenceId sequence) const {
  return is_valid(sequence) ? llama_memory_seq_pos_max(memory_, sequence) : -1;
}

bool Memory::is_complete(SequenceId sequence, Position next) const {
  if (!is_valid(sequence) || last_position(sequence) != next - 1) return false;
  // A state stands for all that came before it.
  if (next == 0 || limits_.kind == MemoryKind::Recurrent || limits_.kind == MemoryKind::Hybrid) {
    return true;
  }
  const Position oldest_needed =
      limits_.window_tokens == 0 ? 0 : std::max(0, next - limits_.window_tokens);
  return first_position(sequence) <= oldest_needed;
}

}  // namespace shimmy::llama
