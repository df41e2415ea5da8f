#include <algorithm>
#include <vector>

#include "chat/call_body.h"
#include "chat/json_stream.h"
#include "chat/markers.h"

namespace shimmy::chat {
namespace {

using State = CallBody::State;

constexpr std::size_t kMaxName = 256;

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.' || c == ':';
}

// Reads the name of the tool between the syntax's markers.
class NameReader {
 public:
  NameReader(const llama::CallSyntax& syntax, const CallTools& tools)
      : syntax_(syntax),
        tools_(tools),
        prefix_(trimmed(syntax.name_prefix)),
        suffix_(trimmed(syntax.name_suffix)),
        id_prefix_(trimmed(syntax.id_prefix)) {}

  // Done: past the suffix.
  State read(std::string_view& text) {
    if (!has_prefix_) {
      skip_blanks(text);
      if (syntax_.id_leads) text.remove_prefix(word_size(text));
      const Match match = starts(text, prefix_);
      if (match != Match::Yes) return match == Match::No ? State::Failed : State::More;
      text.remove_prefix(prefix_.size());
      has_prefix_ = true;
    }
    if (name_.empty()) {
      const State state = read_name(text);
      if (state != State::Done) return state;
    }
    return skip_to_suffix(text);
  }

  const std::string& name() const { return name_; }

 private:
  static std::size_t word_size(std::string_view text) {
    std::size_t size = 0;
    while (size < text.size() && is_name(text[size])) ++size;
    return size;
  }

  State read_name(std::string_view& text) {
    skip_blanks(text);
    const std::size_t size = word_size(text);
    if (size > kMaxName) return State::Failed;
    if (size == text.size()) return State::More;  // it may go on
    std::string_view found = text.substr(0, size);
    if (syntax_.name_has_decoration) found = found.substr(0, found.rfind(':'));
    if (!tools_.contains(found)) return State::Failed;
    name_ = found;
    text.remove_prefix(size);
    return State::Done;
  }

  State skip_to_suffix(std::string_view& text) {
    skip_blanks(text);
    if (!id_prefix_.empty() && !past_id_) {
      const Match match = starts(text, id_prefix_);
      if (match == Match::Partial) return State::More;
      past_id_ = true;
      if (match == Match::Yes) {
        const std::size_t end = text.find(suffix_);
        if (end == std::string_view::npos) {
          past_id_ = false;
          return text.size() > kMaxName ? State::Failed : State::More;
        }
        text.remove_prefix(end);
      }
    }
    const Match match = starts(text, suffix_);
    if (match != Match::Yes) return match == Match::No ? State::Failed : State::More;
    text.remove_prefix(suffix_.size());
    return State::Done;
  }

  const llama::CallSyntax& syntax_;
  const CallTools& tools_;
  const std::string_view prefix_;
  const std::string_view suffix_;
  const std::string_view id_prefix_;
  std::string name_;
  bool has_prefix_ = false;
  bool past_id_ = false;
};

// look_up[ARGS]{…}
class NamedJsonCall final : public CallBody {
 public:
  NamedJsonCall(const llama::CallSyntax& syntax, const CallTools& tools)
      : name_(syntax, tools), begin_(trimmed(syntax.arguments_begin)) {}

  State read(std::string_view& text, CallParts& parts) override {
    if (!named_) {
      const State state = name_.read(text);
      if (state != State::Done) return state;
      parts.name = name_.name();
      named_ = true;
    }
    if (!begun_) {
      skip_blanks(text);
      const Match match = starts(text, begin_);
      if (match == Match::Partial && text.size() < begin_.size()) return State::More;
      if (match == Match::Yes) text.remove_prefix(begin_.size());
      begun_ = true;
    }
    switch (arguments_.read(text, parts.arguments)) {
      case JsonStream::State::More: return State::More;
      case JsonStream::State::Done: return State::Done;
      case JsonStream::State::Failed: return State::Failed;
    }
    return State::Failed;
  }

  void finish(std::string_view /*rest*/, CallParts& /*parts*/) override {}

 private:
  NameReader name_;
  const std::string_view begin_;
  JsonStream arguments_;
  bool named_ = false;
  bool begun_ = false;
};

// <function=look_up><parameter=word>shim</parameter></function>
class ParameterCall final : public CallBody {
 public:
  ParameterCall(const llama::CallSyntax& syntax, const CallTools& tools)
      : syntax_(syntax),
        tools_(tools),
        name_(syntax, tools),
        prefix_(trimmed(syntax.parameter_prefix)),
        suffix_(trimmed(syntax.parameter_suffix)),
        value_prefix_(trimmed(syntax.value_prefix)),
        value_end_{std::string(trimmed(syntax.value_suffix))},
        ends_{std::string(trimmed(syntax.arguments_end)), std::string(trimmed(syntax.close)),
              std::string(trimmed(syntax.call_end)), std::string(trimmed(syntax.section_end))},
        on_lines_(syntax.value_suffix.starts_with('\n') ||
                  (value_prefix_.empty() && syntax.parameter_suffix.ends_with('\n'))) {}

  State read(std::string_view& text, CallParts& parts) override {
    State state = State::Done;
    while (state == State::Done && step_ != Step::Closed) state = advance(text, parts);
    return state;
  }

  void finish(std::string_view rest, CallParts& parts) override {
    if (step_ != Step::Value) return;
    if (kind_ == ParameterKind::Text) parts.arguments += json_escaped(held_ + std::string(rest));
  }

 private:
  enum class Step { Name, Parameter, Key, ValuePrefix, Value, Closed };

  // Done: the step is over.
  State advance(std::string_view& text, CallParts& parts) {
    switch (step_) {
      case Step::Name: {
        const State state = name_.read(text);
        if (state != State::Done) return state;
        parts.name = name_.name();
        tool_ = parts.name;
        step_ = Step::Parameter;
        return State::Done;
      }
      case Step::Parameter: return next_parameter(text, parts);
      case Step::Key: return read_key(text, parts);
      case Step::ValuePrefix: return skip_value_prefix(text);
      case Step::Value: return read_value(text, parts);
      case Step::Closed: break;
    }
    return State::Done;
  }

  State next_parameter(std::string_view& text, CallParts& parts) {
    skip_blanks(text);
    if (text.empty()) return State::More;
    const Match match = starts(text, prefix_);
    if (match == Match::Yes) {
      text.remove_prefix(prefix_.size());
      step_ = Step::Key;
      return State::Done;
    }
    bool may_end = false;
    for (const std::string& end : ends_) {
      if (end.empty()) continue;
      const Match ended = starts(text, end);
      if (ended == Match::Yes) return close(parts);
      may_end = may_end || ended == Match::Partial;
    }
    if (may_end || match == Match::Partial) return State::More;
    const bool has_end = std::ranges::any_of(ends_, [](const auto& end) { return !end.empty(); });
    return has_end ? State::Failed : close(parts);
  }

  State close(CallParts& parts) {
    parts.arguments += count_ == 0 ? "{}" : "}";
    step_ = Step::Closed;
    return State::Done;
  }

  State read_key(std::string_view& text, CallParts& parts) {
    const std::size_t end = text.find(suffix_);
    if (end == std::string_view::npos) return text.size() > kMaxName ? State::Failed : State::More;
    const std::string key(trimmed(text.substr(0, end)));
    std::size_t past = end + suffix_.size();
    kind_ = tools_.kind(tool_, key);
    if (syntax_.has_attributes) {
      const std::size_t closing = text.find('>', past);
      if (closing == std::string_view::npos)
        return text.size() > 2 * kMaxName ? State::Failed : State::More;
      const bool is_text = text.substr(past, closing - past).contains("string=\"true\"");
      kind_ = is_text ? ParameterKind::Text : ParameterKind::Json;
      past = closing + 1;
    }
    text.remove_prefix(past);
    parts.arguments += (count_++ == 0 ? "{\"" : ",\"") + json_escaped(key) + "\":";
    step_ = Step::ValuePrefix;
    return State::Done;
  }

  State skip_value_prefix(std::string_view& text) {
    if (!value_prefix_.empty()) skip_blanks(text);
    std::string_view rest = text;
    if (!value_prefix_.empty()) {
      const Match match = starts(rest, value_prefix_);
      if (match == Match::Partial) return State::More;
      if (match == Match::No) return State::Failed;
      rest.remove_prefix(value_prefix_.size());
    }
    if (on_lines_ && rest.empty()) return State::More;
    if (on_lines_ && rest.front() == '\n') rest.remove_prefix(1);
    text = rest;
    step_ = Step::Value;
    is_open_ = false;
    held_.clear();
    return State::Done;
  }

  State read_value(std::string_view& text, CallParts& parts) {
    const Found found = find_first(text, value_end_);
    std::string_view more = text.substr(0, found.clear);
    text.remove_prefix(found.clear);
    const bool ends = found.at != std::string_view::npos;
    if (ends) text.remove_prefix(value_end_[0].size());
    if (kind_ == ParameterKind::Text) write_text(more, ends, parts);
    else held_ += more;
    if (!ends) return State::More;
    if (kind_ != ParameterKind::Text) parts.arguments += typed(held_);
    step_ = Step::Parameter;
    return State::Done;
  }

  void write_text(std::string_view more, bool ends, CallParts& parts) {
    if (!is_open_) parts.arguments += '"';
    is_open_ = true;
    held_ += more;
    const bool keeps_break = on_lines_ && held_.ends_with('\n');
    std::string_view ready = held_;
    if (keeps_break) ready.remove_suffix(1);
    parts.arguments += json_escaped(ready);
    held_ = keeps_break && !ends ? "\n" : "";
    if (ends) parts.arguments += '"';
  }

  std::string typed(std::string_view value) const {
    std::string_view rest = trimmed(value);
    std::string compact;
    JsonStream stream;
    const bool is_text = kind_ == ParameterKind::Either && rest.starts_with('"');
    const bool is_json =
        !rest.empty() && !is_text &&
        (stream.read(rest, compact) == JsonStream::State::Done || stream.finish()) && rest.empty();
    if (is_json) return compact;
    if (on_lines_ && value.ends_with('\n')) value.remove_suffix(1);
    return "\"" + json_escaped(value) + "\"";
  }

  const llama::CallSyntax& syntax_;
  const CallTools& tools_;
  NameReader name_;
  const std::string_view prefix_;
  const std::string_view suffix_;
  const std::string_view value_prefix_;
  const std::vector<std::string> value_end_;
  const std::vector<std::string> ends_;
  const bool on_lines_;  // markers stand on lines of their own: a line break belongs to them
  Step step_ = Step::Name;
  std::string tool_;
  ParameterKind kind_ = ParameterKind::Either;
  std::size_t count_ = 0;  // parameters so far
  bool is_open_ = false;   // a string's first quote was written
  std::string held_;       // of the value, not yet written
};

}  // namespace

std::unique_ptr<CallBody> make_named_json_call(const llama::CallSyntax& syntax,
                                               const CallTools& tools) {
  return std::make_unique<NamedJsonCall>(syntax, tools);
}

std::unique_ptr<CallBody> make_parameter_call(const llama::CallSyntax& syntax,
                                              const CallTools& tools) {
  return std::make_unique<ParameterCall>(syntax, tools);
}

std::unique_ptr<CallBody> make_call_body(const llama::CallSyntax& syntax, const CallTools& tools) {
  using Form = llama::CallSyntax::Form;
  if (syntax.form == Form::NamedJson) return make_named_json_call(syntax, tools);
  if (syntax.form == Form::Parameters) return make_parameter_call(syntax, tools);
  return make_json_call(syntax, tools);
}

}  // namespace shimmy::chat
