// A language that the generated text must belong to. Plain values; grammar/ makes token masks of
// them.
#pragma once

#include <string>

namespace shimmy::generation {

struct Constraint {
  enum class Kind {
    None,
    JsonObject,     // any one JSON object; `text` is unused
    JsonSchema,     // `text`: a JSON Schema
    Regex,          // `text`: an ECMAScript pattern that the whole output matches
    Gbnf,           // `text`: a grammar in llama.cpp's notation, from its rule "root"
    StructuralTag,  // `text`: XGrammar's structural-tag JSON: free text with constrained parts
  };

  Kind kind = Kind::None;
  std::string text;
  bool strict = false;     // refuse what cannot be enforced exactly, rather than allowing more
  std::string field = {};  // of the request, for errors; empty: a word for the kind
  std::string label = {};  // what messages call it ("response_format 'x'"); empty: the field

  // Of the languages.
  bool operator==(const Constraint& other) const {
    return kind == other.kind && text == other.text && strict == other.strict;
  }
};

}  // namespace shimmy::generation
