// Judges a user's grammar before libllama compiles it.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "llama/handles.h"

namespace shimmy::llama {

// Fails with InvalidRequest, in the parser's words, for a grammar that libllama would refuse, and
// for one on which it would run out of stack, memory or time: deep nesting, huge repetitions, rules
// that begin with themselves.
base::Result<void> check_grammar(const llama_vocab* vocabulary, std::string_view text,
                                 const std::string& root);

}  // namespace shimmy::llama
