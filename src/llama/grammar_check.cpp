#include "llama/grammar_check.h"

#include <llama-grammar.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <vector>

namespace shimmy::llama {
namespace {

constexpr std::size_t kMaxTextBytes = 65'536;
constexpr int kMaxNesting = 64;                  // the parser recurses into parentheses
constexpr std::uint64_t kMaxElements = 1 << 17;  // after repetitions are written out
constexpr int kMaxDepth = 1000;                  // of rules that begin with rules
constexpr std::uint64_t kMaxPaths = 100'000;     // libllama walks each of them
constexpr std::size_t kMaxWordBytes = 100;       // of the parser, whose messages quote all the rest

std::unexpected<base::Error> refuse(std::string message) {
  return base::fail_field("grammar", "{}", std::move(message));
}

// Estimates, without parsing, how large the compiled grammar will be.
class SizeScan {
 public:
  explicit SizeScan(std::string_view text) : text_(text) {}

  base::Result<void> run() {
    while (place_ < text_.size()) {
      step(text_[place_++]);
      if (nesting_ > kMaxNesting) {
        return refuse(fmt::format("the grammar nests parentheses deeper than {}", kMaxNesting));
      }
      if (has_bad_range_) {
        return refuse("the grammar has a repetition whose maximum is below its minimum");
      }
      if (elements_ > kMaxElements) {
        return refuse(fmt::format(
            "the grammar is too large: its repetitions make more than {} elements", kMaxElements));
      }
    }
    return {};
  }

 private:
  void step(char letter) {
    switch (letter) {
      case '#':
        while (place_ < text_.size() && text_[place_] != '\n') ++place_;
        return;
      case '"': take_item(skip_to('"')); return;
      case '[': take_item(skip_to(']')); return;
      case '<':
        skip_to('>');
        take_item(1);
        return;
      case '(': ++nesting_; return;
      case ')':
        --nesting_;
        take_item(1);
        return;
      case '*':
      case '+':
      case '?': repeat(1, 1); return;
      case '{': take_range(); return;
      case ' ':
      case '\t':
      case '\r':
      case '\n': return;
      default: take_item(1); return;
    }
  }

  // Returns the length of what is skipped; a backslash hides the next character.
  std::uint64_t skip_to(char end) {
    const std::size_t start = place_;
    while (place_ < text_.size() && text_[place_] != end) {
      place_ += text_[place_] == '\\' ? 2 : 1;
    }
    place_ = std::min(place_ + 1, text_.size());
    return place_ - start;
  }

  void take_item(std::uint64_t elements) {
    item_ = elements;
    elements_ += elements;
  }

  void repeat(std::uint64_t least, std::uint64_t most) {
    elements_ += item_ * std::max(least, most) + most;
    item_ = item_ * least + 1;
  }

  void take_range() {
    const std::uint64_t least = number();
    std::uint64_t most = least;
    if (skip_space() == ',') {
      ++place_;
      const bool has_most = skip_space() >= '0' && text_[place_] <= '9';
      most = has_most ? number() : least + 1;
    }
    has_bad_range_ = most < least;
    repeat(least, most);
  }

  std::uint64_t number() {
    skip_space();
    std::uint64_t value = 0;
    while (place_ < text_.size() && text_[place_] >= '0' && text_[place_] <= '9') {
      value = std::min<std::uint64_t>(
          value * 10 + static_cast<std::uint64_t>(text_[place_++] - '0'), kMaxElements);
    }
    return value;
  }

  char skip_space() {
    while (place_ < text_.size() && (text_[place_] == ' ' || text_[place_] == '\t' ||
                                     text_[place_] == '\r' || text_[place_] == '\n')) {
      ++place_;
    }
    return place_ < text_.size() ? text_[place_] : '\0';
  }

  std::string_view text_;
  std::size_t place_ = 0;
  int nesting_ = 0;
  bool has_bad_range_ = false;
  std::uint64_t item_ = 0;      // elements of the last item, which a repetition multiplies
  std::uint64_t elements_ = 0;  // of the whole grammar
};

// Which rules a rule can begin with.
class RuleGraph {
 public:
  explicit RuleGraph(const llama_grammar_rules& rules)
      : rules_(rules),
        starts_empty_(rules.size()),
        nullable_(rules.size()),
        order_(rules.size(), kUnseen),
        lowest_(rules.size()),
        component_(rules.size(), kUnseen),
        paths_(rules.size(), kUnseen) {}

  // Index of a rule that can begin with itself, -1 when there is none. Also -1 when is_too_deep().
  int find_left_recursion() {
    find_nullable();
    for (std::size_t rule = 0; rule < rules_.size() && !is_too_deep_; ++rule) {
      if (order_[rule] == kUnseen) find_components(rule, 0);
      count_paths(rule, 0);
      if (recursive_ >= 0) return recursive_;
    }
    return is_too_deep_ ? -1 : find_growing_rule();
  }

  bool is_too_deep() const { return is_too_deep_ || total_paths_ > kMaxPaths; }

 private:
  static constexpr std::uint32_t kUnseen = UINT32_MAX;
  static constexpr std::uint32_t kInProgress = UINT32_MAX - 1;

  static bool is_end(const llama_grammar_element& element) {
    return element.type == LLAMA_GRETYPE_END || element.type == LLAMA_GRETYPE_ALT;
  }

  bool has_empty_alternative(const llama_grammar_rule& rule, bool look_through) const {
    bool is_empty = true;
    for (const llama_grammar_element& element : rule) {
      if (is_end(element)) {
        if (is_empty) return true;
        is_empty = true;
      } else {
        const bool vanishes =
            look_through && element.type == LLAMA_GRETYPE_RULE_REF && nullable_[element.value];
        is_empty = is_empty && vanishes;
      }
    }
    return false;
  }

  void find_nullable() {
    for (std::size_t rule = 0; rule < rules_.size(); ++rule) {
      starts_empty_[rule] = has_empty_alternative(rules_[rule], /*look_through=*/false);
    }
    nullable_ = starts_empty_;
    bool has_changed = true;
    for (int round = 0; has_changed; ++round) {
      has_changed = false;
      for (std::size_t rule = rules_.size(); rule-- > 0;) {
        if (nullable_[rule] || !has_empty_alternative(rules_[rule], /*look_through=*/true))
          continue;
        nullable_[rule] = has_changed = true;
      }
      if (round > kMaxDepth) {
        is_too_deep_ = true;
        return;
      }
    }
  }

  // Calls `visit(child, is_last)` for each rule that `rule` can begin with, where rules of
  // `vanishing` may be passed over.
  template <class Visit>
  void for_each_start(std::size_t rule, const std::vector<bool>& vanishing, Visit visit) const {
    bool is_start = true;
    const llama_grammar_rule& elements = rules_[rule];
    for (std::size_t index = 0; index < elements.size(); ++index) {
      const llama_grammar_element& element = elements[index];
      if (is_end(element)) {
        is_start = true;
      } else if (is_start && element.type == LLAMA_GRETYPE_RULE_REF) {
        visit(static_cast<std::size_t>(element.value), is_end(elements[index + 1]));
        is_start = vanishing[element.value];
      } else {
        is_start = false;
      }
    }
  }

  // As libllama's own search for left recursion, which visits a rule once for each way to it: only
  // with a memory.
  std::uint64_t count_paths(std::size_t rule, int depth) {
    if (paths_[rule] == kInProgress) {
      recursive_ = static_cast<int>(rule);
      return 0;
    }
    if (paths_[rule] != kUnseen || depth > kMaxDepth) {
      is_too_deep_ = is_too_deep_ || depth > kMaxDepth;
      return paths_[rule];
    }
    paths_[rule] = kInProgress;
    std::uint64_t paths = 1;
    for_each_start(rule, starts_empty_, [&](std::size_t child, bool) {
      if (recursive_ < 0 && !is_too_deep_) paths += count_paths(child, depth + 1);
    });
    paths_[rule] = static_cast<std::uint32_t>(std::min<std::uint64_t>(paths, kMaxPaths));
    total_paths_ += paths_[rule];
    return paths_[rule];
  }

  // Tarjan's strongly connected components.
  void find_components(std::size_t rule, int depth) {
    if (depth > kMaxDepth) {
      is_too_deep_ = true;
      return;
    }
    order_[rule] = lowest_[rule] = next_order_++;
    open_.push_back(rule);
    for_each_start(rule, nullable_, [&](std::size_t child, bool) {
      if (order_[child] == kUnseen) {
        find_components(child, depth + 1);
        lowest_[rule] = std::min(lowest_[rule], lowest_[child]);
      } else if (component_[child] == kUnseen) {
        lowest_[rule] = std::min(lowest_[rule], order_[child]);
      }
    });
    if (lowest_[rule] != order_[rule]) return;
    for (std::size_t member = rules_.size(); member != rule;) {
      member = open_.back();
      open_.pop_back();
      component_[member] = order_[rule];
    }
  }

  // A rule that comes back to itself with something left to do behind it: libllama's stack would
  // grow without end.
  int find_growing_rule() const {
    int found = -1;
    for (std::size_t rule = 0; rule < rules_.size() && found < 0; ++rule) {
      for_each_start(rule, nullable_, [&](std::size_t child, bool is_last) {
        if (!is_last && component_[rule] == component_[child]) found = static_cast<int>(rule);
      });
    }
    return found;
  }

  const llama_grammar_rules& rules_;
  std::vector<bool> starts_empty_;  // has an alternative without any element
  std::vector<bool> nullable_;      // can match the empty text
  std::vector<std::uint32_t> order_, lowest_, component_;
  std::vector<std::uint32_t> paths_;
  std::vector<std::size_t> open_;
  std::uint32_t next_order_ = 0;
  std::uint64_t total_paths_ = 0;
  int recursive_ = -1;
  bool is_too_deep_ = false;
};

std::string shortened(std::string words) {
  std::size_t end = std::min({words.size(), words.find('\n'), kMaxWordBytes});
  // Not in the middle of a character.
  while (end > 0 && end < words.size() && (static_cast<unsigned char>(words[end]) & 0xC0) == 0x80) {
    --end;
  }
  words.resize(end);
  return words;
}

const char* skip_blank(const char* place) {
  while (*place == ' ' || *place == '\t' || *place == '\r' || *place == '\n' || *place == '#') {
    if (*place == '#') {
      while (*place != '\0' && *place != '\n') ++place;
    } else {
      ++place;
    }
  }
  return place;
}

std::string name_of(const llama_grammar_parser& parser, std::uint32_t rule) {
  for (const auto& [name, id] : parser.symbol_ids) {
    if (id == rule) return name;
  }
  return "?";
}

// parser.parse() would print to stderr; its parts throw.
base::Result<void> parse(llama_grammar_parser& parser, const char* text) {
  try {
    for (const char* place = skip_blank(text); *place != '\0';) place = parser.parse_rule(place);
  } catch (const std::exception& error) {
    return refuse("the grammar cannot be parsed: " + shortened(error.what()));
  }
  return {};
}

base::Result<void> check_rules(const llama_grammar_parser& parser, const std::string& root) {
  const llama_grammar_rules& rules = parser.rules;
  const auto is_defined = [&](std::uint32_t rule) {
    return rule < rules.size() && !rules[rule].empty();
  };
  for (const auto& [name, id] : parser.symbol_ids) {
    if (!is_defined(id)) {
      return refuse(
          fmt::format("the grammar uses the rule {}, which it does not define", shortened(name)));
    }
  }
  if (!parser.symbol_ids.contains(root)) {
    return refuse(fmt::format("the grammar has no rule {}", root));
  }
  RuleGraph graph(rules);
  if (const int rule = graph.find_left_recursion(); rule >= 0) {
    return refuse(
        fmt::format("the rule {} of the grammar begins with itself: write it so that "
                    "something comes first",
                    shortened(name_of(parser, static_cast<std::uint32_t>(rule)))));
  }
  if (graph.is_too_deep()) return refuse("the rules of the grammar are nested too deeply");
  return {};
}

}  // namespace

base::Result<void> check_grammar(const llama_vocab* vocabulary, std::string_view text,
                                 const std::string& root) {
  if (text.size() > kMaxTextBytes) {
    return refuse(fmt::format("the grammar has {} bytes; at most {} are allowed", text.size(),
                              kMaxTextBytes));
  }
  if (text.find('\0') != std::string_view::npos) return refuse("the grammar has a NUL byte in it");
  if (const base::Result<void> sized = SizeScan(text).run(); !sized) return sized;
  llama_grammar_parser parser(vocabulary);
  const std::string terminated(text);
  if (const base::Result<void> parsed = parse(parser, terminated.c_str()); !parsed) return parsed;
  if (parser.rules.empty()) return refuse("the grammar is empty");
  return check_rules(parser, root);
}

}  // namespace shimmy::llama
