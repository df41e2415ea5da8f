// Feeds the readers of answers text that no model wrote on purpose, cut in two ways: what they
// read must be the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "chat/answer_format.h"
#include "chat/harmony_format.h"
#include "chat/tag_format.h"

namespace {

using namespace shimmy::chat;
using Form = shimmy::llama::CallSyntax::Form;

const std::vector<Tool> kTools{
    {"f", "", R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"}}})"},
    {"g", "", "{}"}};

shimmy::llama::AnswerSyntax thinking() {
  shimmy::llama::AnswerSyntax syntax;
  syntax.reasoning_begin = "<t>";
  syntax.reasoning_end = "</t>";
  return syntax;
}

shimmy::llama::AnswerSyntax json(const char* section, const char* call, bool in_array) {
  auto syntax = thinking();
  syntax.calls.form = Form::Json;
  syntax.calls.section_begin = section;
  syntax.calls.call_begin = call;
  syntax.calls.call_end = *call == '\0' ? "" : "</c>";
  syntax.calls.in_array = in_array;
  return syntax;
}

shimmy::llama::AnswerSyntax named() {
  auto syntax = thinking();
  syntax.calls.form = Form::NamedJson;
  syntax.calls.section_begin = "<s>";
  syntax.calls.section_end = "</s>";
  syntax.calls.call_begin = "<c>";
  syntax.calls.call_end = "</c>";
  syntax.calls.name_suffix = "<a>";
  syntax.calls.id_prefix = "<i>";
  return syntax;
}

shimmy::llama::AnswerSyntax parameters(bool has_attributes) {
  auto syntax = thinking();
  syntax.calls.form = Form::Parameters;
  syntax.calls.call_begin = "<c>\n";
  syntax.calls.call_end = "</c>";
  syntax.calls.call_begin_is_optional = true;
  syntax.calls.name_prefix = "<f=";
  syntax.calls.name_suffix = ">\n";
  syntax.calls.close = "</f>\n";
  syntax.calls.parameter_prefix = "<p=";
  syntax.calls.parameter_suffix = has_attributes ? "\"" : ">\n";
  syntax.calls.has_attributes = has_attributes;
  syntax.calls.value_suffix = "\n</p>\n";
  syntax.call_ends_reasoning = true;
  return syntax;
}

std::vector<std::shared_ptr<const AnswerFormat>> make_formats() {
  std::vector<std::shared_ptr<const AnswerFormat>> formats;
  for (const auto& syntax :
       {json("", "", false), json("", "<c>\n", false), json("<s>", "", true),
        json("<s>", "<c>", false), named(), parameters(false), parameters(true)}) {
    for (const AnswerReading reading : {AnswerReading{}, AnswerReading{AnswerStart::Reasoning},
                                        AnswerReading{AnswerStart::Open, false}})
      formats.push_back(tag_format(syntax, kTools, reading));
  }
  formats.push_back(harmony_format(kTools, {}));
  return formats;
}

struct Reading {
  std::string text;
  std::size_t calls = 0;

  void add(const AnswerDelta& delta, std::string& reasoning, std::string& content) {
    reasoning += delta.reasoning;
    content += delta.content;
    for (const ToolCallDelta& call : delta.tool_calls) {
      const bool is_new = call.index == calls;
      // Indices are dense, and the name comes once, first.
      if (call.index > calls || is_new == call.name.empty() || is_new == call.id.empty())
        __builtin_trap();
      calls += is_new;
      text += call.name + call.arguments;
    }
  }
};

// `sizes` says how long the pieces are, in turn.
std::string read(const AnswerFormat& format, std::string_view text, std::string_view sizes) {
  const auto parser = format.parser();
  Reading reading;
  std::string reasoning;
  std::string content;
  for (std::size_t at = 0, i = 0; at < text.size(); ++i) {
    const std::size_t size =
        sizes.empty() ? text.size() : 1 + static_cast<unsigned char>(sizes[i % sizes.size()]) % 16;
    reading.add(parser->push(text.substr(at, size)), reasoning, content);
    at += size;
  }
  reading.add(parser->finish(), reasoning, content);
  if (parser->has_tool_calls() != (reading.calls > 0)) __builtin_trap();
  return reasoning + '\0' + content + '\0' + reading.text;
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer calls it by this name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const auto kFormats = make_formats();
  if (size < 2 || size > 4096) return 0;
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  const std::string_view sizes = input.substr(1, 4);
  const auto& format = *kFormats[bytes[0] % kFormats.size()];
  const std::string_view text = input.substr(1);
  const std::string whole = read(format, text, {});
  if (read(format, text, sizes) != whole) __builtin_trap();
  if (read(format, text, std::string_view("\0", 1)) != whole) __builtin_trap();
  return 0;
}
