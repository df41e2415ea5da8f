// Finds the first of several stop strings in text that comes in pieces.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace shimmy::generation {

// An Aho-Corasick automaton over the bytes of the stop strings: each byte is looked at once,
// however many stop strings there are. One thread at a time.
class StopMatcher {
 public:
  // Empty strings are ignored.
  explicit StopMatcher(std::span<const std::string> stops);

  struct Output {
    std::string text;  // safe to show: no part of it can become a stop string any more
    bool stopped = false;
    std::string stop;  // the one that matched; of several that end at the same byte, the longest
  };

  // Takes more text. Once stopped, everything from the start of the stop string on is dropped, and
  // so is all further text. Linear in the text over all calls.
  Output push(std::string_view text);

  // No more text will come: gives back what was held.
  std::string flush();

  // Bytes held back because they may be the start of a stop string.
  std::size_t held_bytes() const { return held_.size() - released_; }

 private:
  struct Node {
    int parent = -1;
    unsigned char byte = 0;
    std::size_t depth = 0;
    int fail = 0;    // longest proper suffix that is also a prefix of some stop
    int match = -1;  // index into stops_ of the longest stop that ends here
    std::vector<std::pair<unsigned char, int>> next;
  };

  int child(int node, unsigned char byte) const;
  int advance(int node, unsigned char byte) const;
  void insert(std::size_t stop_index);
  void link();
  std::string release(std::size_t end);

  std::vector<std::string> stops_;
  std::vector<Node> nodes_;
  int state_ = 0;
  std::string held_;          // text not yet known to be safe, after released_ bytes that are out
  std::size_t released_ = 0;  // dropped from held_ only now and then, to stay linear
  bool stopped_ = false;
};

}  // namespace shimmy::generation
