// A model's own Jinja text, parsed and ready to render conversations.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace shimmy::llama {

struct TemplateMessage {
  std::string_view role;
  std::string_view content;
};

// A run of rendered text. What the template made of a message's content stays marked as such
// through filters and concatenation, so that the text of users can be told from the template's own.
struct TemplatePart {
  std::string text;
  bool from_content = false;
};

// Immutable: any thread may render. Needs no loaded model.
class ChatTemplate {
 public:
  // `bos` and `eos` are what the template's bos_token and eos_token stand for. Fails with
  // ModelLoadFailed when the text cannot be parsed.
  static base::Result<std::unique_ptr<const ChatTemplate>> create(const std::string& jinja,
                                                                  const std::string& bos,
                                                                  const std::string& eos);
  ~ChatTemplate();
  ChatTemplate(const ChatTemplate&) = delete;
  ChatTemplate& operator=(const ChatTemplate&) = delete;

  // Neighbouring parts differ in from_content; no part is empty. A system message goes to the front
  // of the next message where the template knows no such role. Fails with InvalidRequest when the
  // template refuses the conversation; the message has the template's own words.
  base::Result<std::vector<TemplatePart>> render(std::span<const TemplateMessage> messages,
                                                 bool add_generation_prompt) const;

 private:
  struct Parsed;
  explicit ChatTemplate(std::unique_ptr<const Parsed> parsed);

  std::unique_ptr<const Parsed> parsed_;
};

}  // namespace shimmy::llama
