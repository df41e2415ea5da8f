#include "api/model_cards.h"

#include <string_view>

namespace shimmy::api {
namespace {

using pool::ModelState;

std::string_view word_of(ModelState state) {
  switch (state) {
    case ModelState::Unloaded: return "unloaded";
    case ModelState::Queued: return "queued";
    case ModelState::Loading: return "loading";
    case ModelState::Ready: return "ready";
    case ModelState::Draining: return "draining";
    case ModelState::Failed: return "failed";
  }
  return "unknown";
}

double rate(std::uint64_t tokens, double seconds) {
  return seconds > 0 ? static_cast<double>(tokens) / seconds : 0;
}

}  // namespace

protocol::ModelCard card_of(const models::ModelEntry& entry) {
  return {.id = entry.name,
          .title = entry.title,
          .created = entry.modified,
          .source = entry.source,
          .architecture = entry.architecture,
          .quantization = entry.quantization,
          .parameters = entry.parameters,
          .size_bytes = entry.size_bytes,
          .context_tokens = entry.context_tokens};
}

std::vector<protocol::ModelCard> cards_of(std::span<const models::ModelEntry> entries) {
  std::vector<protocol::ModelCard> cards;
  cards.reserve(entries.size());
  for (const models::ModelEntry& entry : entries) cards.push_back(card_of(entry));
  return cards;
}

protocol::native::StatusCard card_of(const pool::ModelStatus& status) {
  const bool is_loaded = status.state == ModelState::Ready || status.state == ModelState::Draining;
  protocol::native::StatusCard card;
  card.name = status.name;
  card.state = word_of(status.state);
  card.is_loaded = is_loaded;
  card.progress = is_loaded ? 1 : static_cast<double>(status.progress);
  card.reason = status.reason;
  card.weights_bytes = status.memory.weights;
  card.kv_cache_bytes = status.memory.kv_cache;
  card.compute_bytes = status.memory.compute;
  card.active = status.load.running + status.load.swapped;
  card.queued = status.load.queued + status.waiting;
  card.context_tokens = status.load.kv_cells;
  card.context_limit = status.context_limit;
  card.context_used = status.load.kv_cells_used;
  card.last_used = status.last_used;
  if (const auto& duration = status.keep_alive.duration) {
    card.keep_alive_seconds = duration->count();
  }
  card.pinned = status.pinned;
  card.shares_with = status.shares_with;
  card.prefill_tokens_per_second = rate(status.load.prefilled_tokens, status.load.prefill_seconds);
  card.decode_tokens_per_second = rate(status.load.decoded_tokens, status.load.decode_seconds);
  return card;
}

}  // namespace shimmy::api
