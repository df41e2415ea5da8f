#include "chat/tag_format.h"

#include <utility>

#include "chat/markers.h"
#include "chat/tag_parser.h"

namespace shimmy::chat {
namespace {

void add(std::vector<std::string>& markers, std::string_view marker) {
  marker = trimmed(marker);
  if (!marker.empty()) markers.emplace_back(marker);
}

bool has_forms(const llama::CallSyntax& calls) {
  using Form = llama::CallSyntax::Form;
  return calls.form == Form::Json || calls.form == Form::NamedJson ||
         calls.form == Form::Parameters;
}

class TagFormat final : public AnswerFormat {
 public:
  explicit TagFormat(std::shared_ptr<const TagPlan> plan) : plan_(std::move(plan)) {}
  std::unique_ptr<AnswerParser> parser() const override {
    return std::make_unique<TagParser>(plan_);
  }

 private:
  const std::shared_ptr<const TagPlan> plan_;
};

}  // namespace

TagPlan::TagPlan(llama::AnswerSyntax syntax_, std::span<const Tool> tools_, AnswerReading reading_)
    : syntax(std::move(syntax_)),
      tools(tools_),
      reading(reading_),
      reads_calls(!tools.empty() && has_forms(syntax.calls)),
      is_bare(reads_calls && syntax.calls.form == llama::CallSyntax::Form::Json &&
              trimmed(syntax.calls.section_begin).empty() &&
              trimmed(syntax.calls.call_begin).empty()) {
  if (reads_calls) add_call_markers();
  call_markers = content_markers.size();
  add(reasoning_ends, syntax.reasoning_end);
  if (syntax.call_ends_reasoning && reads_calls)
    reasoning_ends.insert(reasoning_ends.end(), content_markers.begin(), content_markers.end());
  add(content_markers, syntax.content_begin);
  add(content_markers, syntax.content_end);
  for (const auto* end : {&syntax.calls.arguments_end, &syntax.calls.close, &syntax.calls.call_end})
    add(call_ends, *end);
  skip_ends = call_ends;
  add(skip_ends, syntax.calls.section_end);
}

void TagPlan::add_call_markers() {
  const llama::CallSyntax& calls = syntax.calls;
  if (is_bare) {
    content_markers = {"{", "<|python_tag|>"};
    return;
  }
  add(content_markers, calls.section_begin);
  // Models leave the section's marker out at times; the call's own one is as good.
  add(content_markers, calls.call_begin);
  const bool only_names = content_markers.empty() || calls.call_begin_is_optional;
  if (!only_names) return;
  for (const auto& [name, kinds] : tools) {
    std::string marker(trimmed(calls.name_prefix));
    marker += name;
    marker += trimmed(calls.name_suffix).substr(0, 1);
    add(content_markers, marker);
  }
}

std::shared_ptr<const AnswerFormat> tag_format(llama::AnswerSyntax syntax,
                                               std::span<const Tool> tools, AnswerReading reading) {
  return std::make_shared<const TagFormat>(
      std::make_shared<const TagPlan>(std::move(syntax), tools, reading));
}

}  // namespace shimmy::chat
