// XGrammar's form of a grammar; for the .cpp files of this folder.
#pragma once

#include <xgrammar/xgrammar.h>

namespace shimmy::grammar {

class CompiledGrammar {
 public:
  xgrammar::CompiledGrammar grammar;
};

}  // namespace shimmy::grammar
