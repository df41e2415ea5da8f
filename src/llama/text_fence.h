// Marks text of users so that it can be told from a template's own, whatever the template does with
// it: filters such as tojson, split and replace lose Jinja's own marks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace shimmy::llama {

// A run of rendered text. `from_content`: it came from the conversation, not from the template.
struct TemplatePart {
  std::string text;
  bool from_content = false;
};

// `text` with a mark before each character that a special token's name could contain. Letters,
// digits, white space and everyday punctuation stay bare, so that templates may compare them.
std::string fence(std::string_view text);

// The same, but reasoning tags ("<think>", …) stay bare: templates look for them in old answers.
std::string fence_answer(std::string_view text);

// Appends a rendered run to `parts` without its marks: what was marked becomes parts of its own,
// from_content. Neighbouring parts differ in from_content; no part is empty.
void append_unfenced(std::vector<TemplatePart>& parts, std::string_view rendered,
                     bool from_content);

}  // namespace shimmy::llama
