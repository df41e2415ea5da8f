#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "chat/call_body.h"
#include "chat/json_stream.h"
#include "chat/markers.h"

namespace shimmy::chat {
namespace {

using State = CallBody::State;

constexpr std::size_t kMaxField = 512;  // bytes of a key or a name

// The content of a JSON string; empty if it is none.
std::string string_in(std::string_view text) {
  boost::system::error_code error;
  const auto value = boost::json::parse(text, error);
  return !error && value.is_string() ? std::string(value.get_string()) : std::string();
}

// Some models write the arguments as a string that holds JSON.
std::string unquoted(const std::string& text) {
  const std::string inner = string_in(text);
  std::string_view rest = inner;
  std::string compact;
  JsonStream stream;
  const bool is_object = trimmed(rest).starts_with('{');
  if (is_object && stream.read(rest, compact) == JsonStream::State::Done && trimmed(rest).empty())
    return compact;
  return text;
}

// {"name": "look_up", "arguments": {…}} in any order, also inside {"function": {…}}.
class JsonCall final : public CallBody {
 public:
  JsonCall(const llama::CallSyntax& syntax, const CallTools& tools)
      : syntax_(syntax), tools_(tools) {}

  State read(std::string_view& text, CallParts& parts) override {
    while (true) {
      const bool in_token =
          step_ == Step::Value ? started_ : step_ == Step::Key && !buffer_.empty();
      if (!in_token) skip_blanks(text);
      if (text.empty()) return step_ == Step::Closed ? State::Done : State::More;
      const State state = advance(text, parts);
      if (state != State::More) return state;
    }
  }

  void finish(std::string_view /*rest*/, CallParts& parts) override {
    if (step_ == Step::Value && role_ == Role::Name && value_.finish()) take_name(parts);
  }

 private:
  enum class Step { Open, Key, Colon, Value, Next, Closed };
  enum class Role { Name, Arguments, Wrapper, Other };

  State advance(std::string_view& text, CallParts& parts) {
    switch (step_) {
      case Step::Open: return expect(text, '{', Step::Key);
      case Step::Key: return read_key(text, parts);
      case Step::Colon: return expect(text, ':', Step::Value);
      case Step::Value: return read_value(text, parts);
      case Step::Next: return read_next(text);
      case Step::Closed: return State::Done;
    }
    return State::Failed;
  }

  State expect(std::string_view& text, char c, Step next) {
    if (text.front() != c) return State::Failed;
    text.remove_prefix(1);
    step_ = next;
    return State::More;
  }

  State read_key(std::string_view& text, CallParts& parts) {
    if (buffer_.empty() && text.front() == '}') return close(text);
    if (buffer_.empty() && text.front() != '"') return State::Failed;
    const auto state = read_short(text);
    if (state == JsonStream::State::Failed) return State::Failed;
    if (state == JsonStream::State::More) return State::More;
    return take_key(string_in(buffer_), parts);
  }

  // Into the buffer, byte by byte: where a text that is too long fails does not depend on how it
  // was cut.
  JsonStream::State read_short(std::string_view& text) {
    while (!text.empty()) {
      std::string_view byte = text.substr(0, 1);
      const auto state = value_.read(byte, buffer_);
      if (byte.empty()) text.remove_prefix(1);
      if (state != JsonStream::State::More) return state;
      if (!byte.empty() || buffer_.size() > kMaxField) return JsonStream::State::Failed;
    }
    return JsonStream::State::More;
  }

  State take_key(const std::string& key, CallParts& parts) {
    next_value();
    step_ = Step::Colon;
    if (syntax_.name_is_key) {
      if (named_ || !tools_.contains(key)) return State::Failed;
      named_ = true;
      parts.name = key;
      role_ = Role::Arguments;
      return State::More;
    }
    static constexpr std::array<std::string_view, 6> kOthers{"id",      "type",  "tool_call_id",
                                                             "call_id", "index", "reason"};
    if (key == syntax_.name_field || key == "name") role_ = Role::Name;
    else if (key == syntax_.arguments_field || key == "arguments" || key == "parameters")
      role_ = Role::Arguments;
    else if (key == "function") role_ = Role::Wrapper;
    else role_ = Role::Other;
    const bool is_usual = role_ != Role::Other || std::ranges::find(kOthers, key) != kOthers.end();
    return is_usual || named_ ? State::More : State::Failed;
  }

  State read_value(std::string_view& text, CallParts& parts) {
    if (!started_ && role_ == Role::Wrapper) {
      if (text.front() == '{' && depth_ == 0) {
        depth_ = 1;
        return expect(text, '{', Step::Key);
      }
      role_ = Role::Name;  // {"function": "look_up", …}
    }
    if (!started_) is_quoted_ = text.front() == '"';
    started_ = true;
    const bool streams = role_ == Role::Arguments && named_ && !is_quoted_;
    std::string dropped;
    std::string& out = streams ? parts.arguments : role_ == Role::Other ? dropped : buffer_;
    const auto state = role_ == Role::Name ? read_short(text) : value_.read(text, out);
    if (state == JsonStream::State::Failed) return State::Failed;
    if (state == JsonStream::State::More) return State::More;
    return take_value(parts);
  }

  State take_value(CallParts& parts) {
    step_ = Step::Next;
    if (role_ == Role::Name && !take_name(parts)) return State::Failed;
    if (role_ == Role::Arguments && !buffer_.empty()) {
      const std::string arguments = is_quoted_ ? unquoted(buffer_) : buffer_;
      (named_ ? parts.arguments : early_) += arguments;
    }
    next_value();
    return State::More;
  }

  bool take_name(CallParts& parts) {
    const std::string name = string_in(buffer_);
    if (named_ || !tools_.contains(name)) return false;
    named_ = true;
    parts.name = name;
    parts.arguments += early_;
    return true;
  }

  State read_next(std::string_view& text) {
    if (text.front() == '}') return close(text);
    return expect(text, ',', Step::Key);
  }

  State close(std::string_view& text) {
    text.remove_prefix(1);
    if (depth_ > 0) {
      --depth_;
      step_ = Step::Next;
      return State::More;
    }
    step_ = Step::Closed;
    return named_ ? State::Done : State::Failed;
  }

  void next_value() {
    value_ = {};
    buffer_.clear();
    started_ = false;
  }

  const llama::CallSyntax& syntax_;
  const CallTools& tools_;
  Step step_ = Step::Open;
  Role role_ = Role::Other;
  int depth_ = 0;           // of the wrapping object
  JsonStream value_;        // the key or value that is being read
  std::string buffer_;      // of it, unless it is handed on
  std::string early_;       // arguments that came before the name
  bool started_ = false;    // some of the value was read
  bool is_quoted_ = false;  // the value is a string
  bool named_ = false;
};

}  // namespace

std::unique_ptr<CallBody> make_json_call(const llama::CallSyntax& syntax, const CallTools& tools) {
  return std::make_unique<JsonCall>(syntax, tools);
}

}  // namespace shimmy::chat
