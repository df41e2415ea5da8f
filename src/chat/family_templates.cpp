#include "chat/family_templates.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

namespace shimmy::chat {
namespace {

struct Family {
  std::string_view name;
  std::string_view jinja;
};

constexpr std::string_view kChatMl =
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

constexpr std::string_view kLlama3 =
    "{{ bos_token }}{% for m in messages %}"
    "{{ '<|start_header_id|>' + m.role + '<|end_header_id|>\n\n' + m.content + '<|eot_id|>' }}"
    "{% endfor %}{% if add_generation_prompt %}"
    "{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}";

// An answer ends with EOS; the first user message carries the instructions.
constexpr std::string_view kLlama2 =
    "{% for m in messages %}{% if m.role == 'system' %}"
    "{% set system = '<<SYS>>\n' + m.content + '\n<</SYS>>\n\n' %}"
    "{% elif m.role == 'assistant' %}{{ ' ' + m.content + ' ' + eos_token }}"
    "{% else %}{{ bos_token + '[INST] ' + (system if loop.index0 == 1 and system else '') + "
    "m.content + ' [/INST]' }}{% endif %}{% endfor %}";

constexpr std::string_view kMistral =
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'assistant' %}"
    "{{ ' ' + m.content + eos_token }}{% elif m.role == 'user' %}"
    "{{ '[INST] ' + m.content + ' [/INST]' }}{% endif %}{% endfor %}";

constexpr std::string_view kGemma =
    "{{ bos_token }}{% for m in messages %}{% if m.role != 'system' %}"
    "{{ '<start_of_turn>' + ('model' if m.role == 'assistant' else 'user') + '\n' + "
    "m.content + '<end_of_turn>\n' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}";

constexpr std::string_view kPhi3 =
    "{% for m in messages %}{{ '<|' + m.role + '|>\n' + m.content + '<|end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}";

constexpr std::string_view kZephyr =
    "{% for m in messages %}{{ '<|' + m.role + '|>\n' + m.content + eos_token + '\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}";

constexpr std::string_view kOpenChat =
    "{{ bos_token }}{% for m in messages %}"
    "{{ 'GPT4 Correct ' + m.role | title + ': ' + m.content + '<|end_of_turn|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'GPT4 Correct Assistant:' }}{% endif %}";

constexpr std::array<Family, 8> kFamilies{{{"chatml", kChatMl},
                                           {"gemma", kGemma},
                                           {"llama2", kLlama2},
                                           {"llama3", kLlama3},
                                           {"mistral", kMistral},
                                           {"openchat", kOpenChat},
                                           {"phi3", kPhi3},
                                           {"zephyr", kZephyr}}};

std::string lowered(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  std::erase_if(lower, [](char c) { return c == '-' || c == '_' || c == ' ' || c == '.'; });
  return lower;
}

}  // namespace

std::string family_template(const generation::ModelFacts& facts) {
  const std::string name = lowered(facts.name);
  const auto says = [&](std::string_view word) { return name.contains(word); };
  if (says("openchat")) return std::string(kOpenChat);
  if (says("zephyr")) return std::string(kZephyr);
  if (says("hermes") || says("chatml") || says("dolphin")) return std::string(kChatMl);
  if (facts.architecture.starts_with("gemma")) return std::string(kGemma);
  if (facts.architecture == "phi3") return std::string(kPhi3);
  if (says("mistral") || says("mixtral")) return std::string(kMistral);
  if (says("llama3")) return std::string(kLlama3);
  if (says("llama2")) return std::string(kLlama2);
  return std::string(kChatMl);
}

base::Result<std::string> named_template(std::string_view name) {
  const std::string wanted = lowered(name);
  std::vector<std::string_view> names;
  for (const Family& family : kFamilies) {
    if (family.name == wanted) return std::string(family.jinja);
    names.push_back(family.name);
  }
  return base::fail(base::ErrorCode::ModelLoadFailed,
                    "There is no chat template named '{}'. Give Jinja text, or one of: {}.", name,
                    fmt::join(names, ", "));
}

}  // namespace shimmy::chat
