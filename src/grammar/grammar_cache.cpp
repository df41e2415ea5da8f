#include "grammar/grammar_cache.h"

#include <exception>
#include <utility>

namespace shimmy::grammar {

GrammarResult GrammarCache::find_or_make(
    const std::string& key, const std::function<GrammarResult()>& make,
    const std::function<std::size_t(const CompiledGrammar&)>& size) {
  std::promise<GrammarResult> promise;
  Entries::iterator mine;
  {
    std::unique_lock lock(mutex_);
    if (const auto found = by_key_.find(key); found != by_key_.end()) {
      entries_.splice(entries_.begin(), entries_, found->second);
      const std::shared_future<GrammarResult> grammar = found->second->grammar;
      lock.unlock();
      return grammar.get();
    }
    entries_.push_front({key, promise.get_future().share(), 0});
    mine = entries_.begin();
    by_key_.emplace(key, mine);
  }
  GrammarResult made = base::fail(base::ErrorCode::Internal, "The grammar was not made.");
  try {
    made = make();
  } catch (const std::exception& error) {
    made = base::fail(base::ErrorCode::Internal, "The grammar could not be made: {}", error.what());
  }
  promise.set_value(made);
  const std::size_t bytes = made ? size(**made) + 2 * key.size() : 0;
  const std::lock_guard lock(mutex_);
  if (made && bytes <= max_bytes_) {
    keep(mine, bytes);
  } else {
    forget(mine);
  }
  return made;
}

std::size_t GrammarCache::grammars() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

std::size_t GrammarCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

// Whoever is being made stays: others wait for it.
void GrammarCache::keep(Entries::iterator entry, std::size_t bytes) {
  entry->bytes = bytes;
  bytes_ += bytes;
  for (auto oldest = entries_.end(); bytes_ > max_bytes_ && oldest != entries_.begin();) {
    --oldest;
    if (oldest->bytes == 0 || oldest == entry) continue;
    const auto next = std::next(oldest);
    forget(oldest);
    oldest = next;
  }
}

void GrammarCache::forget(Entries::iterator entry) {
  bytes_ -= entry->bytes;
  by_key_.erase(entry->key);
  entries_.erase(entry);
}

}  // namespace shimmy::grammar
