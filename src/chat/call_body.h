// Readers for one tool call each, without the markers around it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "chat/call_tools.h"
#include "llama/answer_syntax.h"

namespace shimmy::chat {

// What a reader found; the owner empties it.
struct CallParts {
  std::string name;       // as soon as it is whole
  std::string arguments;  // more of the arguments' JSON text
};

class CallBody {
 public:
  enum class State { More, Done, Failed };

  virtual ~CallBody() = default;

  // Takes what it can of the start of `text`. More: the rest of `text` must come again, with more
  // behind it. Failed: this is no call, or is one no longer.
  virtual State read(std::string_view& text, CallParts& parts) = 0;

  // No more text comes; `rest` is what the last read left.
  virtual void finish(std::string_view rest, CallParts& parts) = 0;
};

// Both outlive the reader.
std::unique_ptr<CallBody> make_call_body(const llama::CallSyntax& syntax, const CallTools& tools);
std::unique_ptr<CallBody> make_json_call(const llama::CallSyntax& syntax, const CallTools& tools);
std::unique_ptr<CallBody> make_named_json_call(const llama::CallSyntax& syntax,
                                               const CallTools& tools);
std::unique_ptr<CallBody> make_parameter_call(const llama::CallSyntax& syntax,
                                              const CallTools& tools);

}  // namespace shimmy::chat
