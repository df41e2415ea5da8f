// What templates are rendered with to see how they work. For the .cpp files of this folder only.
#pragma once

#include <chat-auto-parser.h>
#include <chat.h>

namespace shimmy::llama {

// A user's word and one tool.
inline autoparser::generation_params probe_inputs() {
  autoparser::generation_params inputs;
  inputs.messages = common_json::parse(R"([{"role":"user","content":"Hello"}])");
  inputs.tools = common_json::parse(
      R"([{"type":"function","function":{"name":"look_up","description":"Looks up a word.",)"
      R"("parameters":{"type":"object","properties":{"word":{"type":"string"}},)"
      R"("required":["word"]}}}])");
  inputs.add_generation_prompt = true;
  inputs.extra_context = common_json::object();
  return inputs;
}

}  // namespace shimmy::llama
