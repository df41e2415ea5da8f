// A model's own Jinja text, parsed and ready to render conversations.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "llama/text_fence.h"

namespace shimmy::llama {

struct TemplateCall {
  std::string_view id;
  std::string_view name;
  std::string_view arguments;  // JSON text; passed on as it stands where it is none
};

struct TemplateMessage {
  std::string_view role;
  std::string_view content;
  std::string_view name = {};
  std::string_view reasoning = {};
  std::string_view tool_call_id = {};
  std::vector<TemplateCall> calls = {};
};

struct TemplateTool {
  std::string_view name;
  std::string_view description;
  std::string_view parameters;  // a JSON Schema
};

struct TemplateInputs {
  std::span<const TemplateMessage> messages;
  std::span<const TemplateTool> tools = {};
  bool add_generation_prompt = true;
  std::optional<bool> enable_thinking = {};
  std::string_view reasoning_effort = {};                               // empty: not said
  std::span<const std::pair<std::string, std::string>> variables = {};  // name, JSON text
};

// What a template does, as far as rendering shows it.
struct TemplateAbilities {
  bool tools = false;  // descriptions of tools
  bool calls = false;  // calls in old answers
  bool system_role = false;
  bool parallel_calls = false;
  bool reasoning_effort = false;
};

struct AnswerSyntax;

// Immutable: any thread may render. Needs no loaded model.
class ChatTemplate {
 public:
  // `bos` and `eos` are what the template's bos_token and eos_token stand for. Fails with
  // ModelLoadFailed when the text cannot be parsed, is over 1 MiB or nests too deeply.
  static base::Result<std::unique_ptr<const ChatTemplate>> create(const std::string& jinja,
                                                                  const std::string& bos,
                                                                  const std::string& eos);
  ~ChatTemplate();
  ChatTemplate(const ChatTemplate&) = delete;
  ChatTemplate& operator=(const ChatTemplate&) = delete;

  // Neighbouring parts differ in from_content; no part is empty. A system message goes to the front
  // of the next message where the template knows no such role. Fails with InvalidRequest when the
  // template refuses the conversation (the message has the template's own words), and when a
  // variable or a tool's schema is no JSON (naming it).
  base::Result<std::vector<TemplatePart>> render(const TemplateInputs& inputs) const;

  TemplateAbilities abilities() const;
  const std::string& source() const;

 private:
  friend AnswerSyntax analyze(const ChatTemplate& chat_template);
  friend class PegFormat;
  struct Parsed;
  explicit ChatTemplate(std::unique_ptr<const Parsed> parsed);

  std::unique_ptr<const Parsed> parsed_;
};

}  // namespace shimmy::llama
