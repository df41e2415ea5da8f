// Which parts of a Jinja template say the same whenever the tools are the same.
// For the .cpp files of this folder only: includes llama-common's parser.
#pragma once

#include <jinja/runtime.h>

#include <map>
#include <string>

namespace shimmy::llama {

// Reads a template's parse tree once. The tree must outlive it.
class ToolPurity {
 public:
  explicit ToolPurity(const jinja::program& program);

  // True where running `part` reads the variable `tools` and, but for constants, nothing else that
  // is not made within it, and leaves nothing behind but its text. In doubt false. Macros see their
  // caller's variables: those called at the top level of the template are looked into.
  bool depends_on_tools_alone(const jinja::statement& part) const;

 private:
  std::map<std::string, const jinja::macro_statement*, std::less<>> macros_;  // by name
  bool changes_values_ = false;  // somewhere it may change a list or an object in place
};

}  // namespace shimmy::llama
