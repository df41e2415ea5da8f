// Compiled grammars that were used lately.
#pragma once

#include <cstddef>
#include <functional>
#include <future>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/error.h"

namespace shimmy::grammar {

class CompiledGrammar;
using GrammarResult = base::Result<std::shared_ptr<const CompiledGrammar>>;

// Any thread may call any member.
class GrammarCache {
 public:
  explicit GrammarCache(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // What is kept under `key`; else what `make` makes, once for all who ask meanwhile. Failures are
  // not kept, nor is what alone is larger than the cache. `size` tells the bytes of a grammar.
  GrammarResult find_or_make(const std::string& key, const std::function<GrammarResult()>& make,
                             const std::function<std::size_t(const CompiledGrammar&)>& size);

  std::size_t grammars() const;
  std::size_t bytes() const;

 private:
  struct Entry {
    std::string key;
    std::shared_future<GrammarResult> grammar;
    std::size_t bytes = 0;  // 0: still being made
  };
  using Entries = std::list<Entry>;

  void keep(Entries::iterator entry, std::size_t bytes);
  void forget(Entries::iterator entry);

  const std::size_t max_bytes_;

  mutable std::mutex mutex_;
  // guarded by mutex_
  Entries entries_;  // the latest used first
  std::unordered_map<std::string, Entries::iterator> by_key_;
  std::size_t bytes_ = 0;
};

}  // namespace shimmy::grammar
