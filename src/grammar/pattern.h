// ECMAScript patterns as expressions of a grammar: each is one automaton of XGrammar.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace shimmy::grammar {

enum class PatternUse {
  WholeText,   // the text matches from its begin to its end
  JsonString,  // a JSON string, with its quotes, of a text that the pattern matches in part
  JsonText,    // the same without its quotes
};

// Literals, classes, groups, alternatives, repetitions and anchors at the ends. Fails with
// InvalidRequest, without a field, for what cannot be enforced (look-around, back references, \b,
// \p) and for patterns that are too long, too deep or repeat too much.
base::Result<std::string> pattern_grammar(std::string_view pattern, PatternUse use);

}  // namespace shimmy::grammar
