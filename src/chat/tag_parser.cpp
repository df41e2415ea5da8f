#include "chat/tag_parser.h"

#include <algorithm>
#include <utility>

#include "chat/call_id.h"
#include "chat/markers.h"

namespace shimmy::chat {
namespace {

constexpr std::size_t kMaxUnnamed = 64 * 1024;  // bytes of a call before its name is known

}  // namespace

TagParser::TagParser(std::shared_ptr<const TagPlan> plan) : plan_(std::move(plan)) {
  const bool thinks = plan_->syntax.thinks();
  if (!thinks || plan_->reading.start == AnswerStart::Content) state_ = State::Content;
  else if (plan_->reading.start == AnswerStart::Reasoning) state_ = State::Reasoning;
  skips_blanks_ = state_ == State::Reasoning && plan_->reading.separates_reasoning;
}

AnswerDelta TagParser::push(std::string_view text) {
  input_ += text;
  while (advance()) {
  }
  const std::size_t done = is_candidate() ? candidate_ : cursor_;
  if (done > 0 && done >= input_.size() / 2) {
    input_.erase(0, done);
    cursor_ -= done;
    candidate_ -= std::min(candidate_, done);
  }
  return std::exchange(delta_, {});
}

AnswerDelta TagParser::finish() {
  // A lone "{" in prose: what follows it may still hold a call.
  while (plan_->is_bare && is_candidate()) {
    give_up_call();
    while (advance()) {
    }
  }
  if (state_ == State::Body) {
    CallParts parts;
    body_->finish(rest(), parts);
    take(std::move(parts));
    if (named_) end_call();
  } else if (state_ == State::Opening || state_ == State::Reasoning || state_ == State::Content) {
    const bool is_content = state_ != State::Reasoning || !plan_->reading.separates_reasoning;
    const bool is_cut_call = state_ == State::Content && plan_->reading.calls_required;
    if (!is_cut_call) say(rest(), /*keeps_blanks=*/is_content);
    if (is_content) delta_.content += blanks_;
  }
  blanks_.clear();
  input_.clear();
  cursor_ = 0;
  state_ = State::Content;
  return std::exchange(delta_, {});
}

bool TagParser::advance() {
  switch (state_) {
    case State::Opening: return open();
    case State::Reasoning: return read_reasoning();
    case State::Content: return read_content();
    case State::Section: return enter_section();
    case State::Body: return read_body();
    case State::CallEnd: return skip_call_ends();
    case State::Next: return next_call();
    case State::Broken: return skip_broken();
  }
  return false;
}

bool TagParser::open() {
  std::string_view text = rest();
  skip_blanks(text);
  blanks_ += rest().substr(0, rest().size() - text.size());
  take_to(text);
  const std::string_view tag = trimmed(plan_->syntax.reasoning_begin);
  const Match match = tag.empty() ? Match::No : starts(text, tag);
  if (match == Match::Partial) return false;
  state_ = State::Content;
  if (match == Match::No) return true;
  state_ = State::Reasoning;
  if (!plan_->reading.separates_reasoning) return true;
  skips_blanks_ = true;
  blanks_.clear();
  cursor_ += tag.size();
  return true;
}

bool TagParser::read_reasoning() {
  const Found found = find_first(rest(), plan_->reasoning_ends);
  const bool ends = found.at != std::string_view::npos;
  const bool separates = plan_->reading.separates_reasoning;
  const bool at_tag = ends && found.which == 0;
  const std::size_t tag = at_tag ? plan_->reasoning_ends[0].size() : 0;
  const std::string_view text = rest().substr(0, found.clear + (separates ? 0 : tag));
  say(text, !separates);
  cursor_ += found.clear + tag;
  if (!ends) return false;
  if (separates) {
    blanks_.clear();
    skips_blanks_ = true;
  }
  state_ = State::Content;
  return true;
}

bool TagParser::read_content() {
  if (plan_->content_markers.empty()) {
    say(rest(), /*keeps_blanks=*/true);
    cursor_ = input_.size();
    return false;
  }
  const Found found = find_first(rest(), plan_->content_markers);
  say(rest().substr(0, found.clear), /*keeps_blanks=*/true);
  cursor_ += found.clear;
  if (found.at == std::string_view::npos) return false;
  if (found.which < plan_->call_markers) {
    begin_call(found.which);
  } else {
    cursor_ += plan_->content_markers[found.which].size();
    skips_blanks_ = found.which == plan_->call_markers && !plan_->syntax.content_begin.empty();
  }
  return true;
}

void TagParser::begin_call(std::size_t marker) {
  const std::string& text = plan_->content_markers[marker];
  const llama::CallSyntax& calls = plan_->syntax.calls;
  candidate_ = cursor_;
  named_ = false;
  // What the body's own reader expects stays.
  const bool is_outer = text == trimmed(calls.section_begin) || text == trimmed(calls.call_begin);
  const bool is_taken = plan_->is_bare ? marker > 0 : is_outer;
  candidate_mark_ = plan_->is_bare && !is_taken ? 1 : text.size();
  if (is_taken) cursor_ += text.size();
  in_array_ = false;
  const bool enters = is_taken && text == trimmed(calls.section_begin);
  if (enters) state_ = State::Section;
  else begin_body();
}

bool TagParser::starts_with_marker(std::string_view marker, bool& may_start) {
  marker = trimmed(marker);
  if (marker.empty()) return false;
  const Match match = starts(rest(), marker);
  if (match == Match::Partial) may_start = true;
  if (match != Match::Yes) return false;
  cursor_ += marker.size();
  return true;
}

bool TagParser::enter_section() {
  std::string_view text = rest();
  skip_blanks(text);
  take_to(text);
  if (text.empty()) return false;
  bool may_start = false;
  if (plan_->syntax.calls.in_array && !in_array_) {
    in_array_ = starts_with_marker("[", may_start);
    if (in_array_) return true;
  }
  const std::string_view begin = trimmed(plan_->syntax.calls.call_begin);
  if (!begin.empty() && !starts_with_marker(begin, may_start) && may_start) return false;
  begin_body();
  return true;
}

void TagParser::begin_body() {
  body_ = make_call_body(plan_->syntax.calls, plan_->tools);
  named_ = false;
  has_arguments_ = false;
  state_ = State::Body;
}

bool TagParser::read_body() {
  CallParts parts;
  std::string_view text = rest();
  const CallBody::State state = body_->read(text, parts);
  take_to(text);
  take(std::move(parts));
  if (state == CallBody::State::Done) {
    end_call();
    return true;
  }
  const bool is_endless = !named_ && cursor_ - candidate_ > kMaxUnnamed;
  if (state == CallBody::State::Failed || is_endless) {
    give_up_call();
    return true;
  }
  return false;
}

void TagParser::take(CallParts parts) {
  if (!parts.name.empty()) {
    named_ = true;
    blanks_.clear();
    delta_.tool_calls.push_back({calls_++, new_call_id(), std::move(parts.name), {}});
  }
  if (!named_ || parts.arguments.empty()) return;
  call_delta().arguments += parts.arguments;
  has_arguments_ = true;
}

ToolCallDelta& TagParser::call_delta() {
  const std::size_t index = calls_ - 1;
  if (delta_.tool_calls.empty() || delta_.tool_calls.back().index != index)
    delta_.tool_calls.push_back({.index = index});
  return delta_.tool_calls.back();
}

void TagParser::end_call() {
  if (!has_arguments_) call_delta().arguments += "{}";
  body_.reset();
  ends_skipped_ = 0;
  state_ = State::CallEnd;
}

// It is no call after all: its marker is content, and what follows is looked at again.
void TagParser::give_up_call() {
  body_.reset();
  if (named_) {
    if (!has_arguments_) call_delta().arguments += "{}";
    state_ = plan_->skip_ends.empty() ? State::Content : State::Broken;
    skips_blanks_ = true;
    return;
  }
  state_ = State::Content;
  cursor_ = candidate_;
  say(rest().substr(0, candidate_mark_), /*keeps_blanks=*/true);
  cursor_ += std::min(candidate_mark_, rest().size());
}

bool TagParser::skip_call_ends() {
  while (ends_skipped_ < plan_->call_ends.size()) {
    std::string_view text = rest();
    skip_blanks(text);
    take_to(text);
    const std::string& end = plan_->call_ends[ends_skipped_];
    const Match match = starts(text, end);
    if (match == Match::Partial) return false;
    if (match == Match::Yes) take_to(text.substr(end.size()));
    ++ends_skipped_;
  }
  state_ = State::Next;
  return true;
}

bool TagParser::next_call() {
  const llama::CallSyntax& calls = plan_->syntax.calls;
  const bool in_section = !trimmed(calls.section_begin).empty() || in_array_;
  skips_blanks_ = true;
  if (!in_section) {
    state_ = State::Content;
    return true;
  }
  std::string_view text = rest();
  skip_blanks(text);
  take_to(text);
  if (text.empty()) return false;
  bool may_start = false;
  candidate_ = cursor_;
  candidate_mark_ = 0;
  if (starts_with_marker(",", may_start) || starts_with_marker(";", may_start)) {
    return true;
  }
  if (in_array_ && starts_with_marker("]", may_start)) {
    in_array_ = false;
    return true;
  }
  if (starts_with_marker(calls.section_end, may_start)) {
    state_ = State::Content;
    return true;
  }
  if (starts_with_marker(calls.call_begin, may_start)) {
    begin_body();
    return true;
  }
  const bool has_begin = !trimmed(calls.call_begin).empty();
  const std::string_view prefix = trimmed(calls.name_prefix);
  const Match named = has_begin || prefix.empty() ? Match::No : starts(text, prefix);
  if (may_start || named == Match::Partial) return false;
  const bool is_object = calls.form == llama::CallSyntax::Form::Json && text.front() == '{';
  if (named == Match::Yes || is_object) begin_body();
  else state_ = State::Content;
  return true;
}

bool TagParser::skip_broken() {
  const Found found = find_first(rest(), plan_->skip_ends);
  cursor_ += found.clear;
  if (found.at == std::string_view::npos) return false;
  cursor_ += plan_->skip_ends[found.which].size();
  state_ = State::Next;
  return true;
}

// Thoughts and content come without the white space around them where that belongs to tags.
void TagParser::say(std::string_view text, bool keeps_blanks) {
  if (skips_blanks_) skip_blanks(text);
  if (text.empty()) return;
  skips_blanks_ = false;
  const bool is_thought = state_ == State::Reasoning && plan_->reading.separates_reasoning;
  std::string& out = is_thought ? delta_.reasoning : delta_.content;
  const bool holds = !keeps_blanks || plan_->reads_calls || !plan_->syntax.content_end.empty();
  std::size_t shown = text.size();
  while (holds && shown > 0 && is_blank(text[shown - 1])) --shown;
  if (shown > 0) out += std::exchange(blanks_, {}) + std::string(text.substr(0, shown));
  blanks_ += text.substr(shown);
}

}  // namespace shimmy::chat
