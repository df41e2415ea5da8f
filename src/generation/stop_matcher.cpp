#include "generation/stop_matcher.h"

#include <utility>

namespace shimmy::generation {

StopMatcher::StopMatcher(std::span<const std::string> stops) : nodes_(1) {
  for (const std::string& stop : stops) {
    if (!stop.empty()) stops_.push_back(stop);
  }
  for (std::size_t i = 0; i < stops_.size(); ++i) insert(i);
  link();
}

StopMatcher::Output StopMatcher::push(std::string_view text) {
  if (stopped_) return {{}, true, {}};
  if (stops_.empty()) return {std::string(text), false, {}};
  const std::size_t before = held_.size();
  held_ += text;
  for (std::size_t i = before; i < held_.size(); ++i) {
    state_ = advance(state_, static_cast<unsigned char>(held_[i]));
    const int match = nodes_[static_cast<std::size_t>(state_)].match;
    if (match < 0) continue;
    const std::string& stop = stops_[static_cast<std::size_t>(match)];
    stopped_ = true;
    std::string safe = release(i + 1 - stop.size());
    held_.clear();
    released_ = 0;
    return {std::move(safe), true, stop};
  }
  return {release(held_.size() - nodes_[static_cast<std::size_t>(state_)].depth), false, {}};
}

std::string StopMatcher::flush() {
  state_ = 0;
  return release(held_.size());
}

// Gives out held_ up to `end`.
std::string StopMatcher::release(std::size_t end) {
  std::string out = held_.substr(released_, end - released_);
  released_ = end;
  if (released_ * 2 >= held_.size()) {
    held_.erase(0, released_);
    released_ = 0;
  }
  return out;
}

int StopMatcher::child(int node, unsigned char byte) const {
  for (const auto& [edge, target] : nodes_[static_cast<std::size_t>(node)].next) {
    if (edge == byte) return target;
  }
  return -1;
}

int StopMatcher::advance(int node, unsigned char byte) const {
  for (;;) {
    if (const int target = child(node, byte); target >= 0) return target;
    if (node == 0) return 0;
    node = nodes_[static_cast<std::size_t>(node)].fail;
  }
}

void StopMatcher::insert(std::size_t stop_index) {
  int node = 0;
  for (const char c : stops_[stop_index]) {
    const auto byte = static_cast<unsigned char>(c);
    int target = child(node, byte);
    if (target < 0) {
      target = static_cast<int>(nodes_.size());
      const std::size_t depth = nodes_[static_cast<std::size_t>(node)].depth + 1;
      nodes_.push_back(Node{node, byte, depth, 0, -1, {}});
      nodes_[static_cast<std::size_t>(node)].next.emplace_back(byte, target);
    }
    node = target;
  }
  nodes_[static_cast<std::size_t>(node)].match = static_cast<int>(stop_index);
}

// Breadth first, so that a node's shorter suffixes are linked before it.
void StopMatcher::link() {
  std::vector<int> order{0};
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (const auto& [byte, target] : nodes_[static_cast<std::size_t>(order[i])].next)
      order.push_back(target);
  }
  for (const int index : order) {
    Node& node = nodes_[static_cast<std::size_t>(index)];
    if (node.depth > 1) {
      node.fail = advance(nodes_[static_cast<std::size_t>(node.parent)].fail, node.byte);
    }
    if (node.match < 0 && index != 0)
      node.match = nodes_[static_cast<std::size_t>(node.fail)].match;
  }
}

}  // namespace shimmy::generation
