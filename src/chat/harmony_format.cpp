#include "chat/harmony_format.h"

#include <utility>
#include <vector>

#include "chat/call_id.h"
#include "chat/call_tools.h"
#include "chat/json_stream.h"
#include "chat/markers.h"

namespace shimmy::chat {
namespace {

constexpr std::size_t kMaxHeader = 1024;
constexpr std::string_view kStart = "<|start|>";
constexpr std::string_view kMessage = "<|message|>";

const std::vector<std::string>& ends() {
  static const std::vector<std::string> kEnds{"<|end|>", "<|call|>", "<|return|>", "<|start|>",
                                              "<|channel|>"};
  return kEnds;
}

struct HarmonyPlan {
  CallTools tools;
  AnswerReading reading;
};

class HarmonyParser final : public AnswerParser {
 public:
  explicit HarmonyParser(std::shared_ptr<const HarmonyPlan> plan) : plan_(std::move(plan)) {
    if (plan_->reading.start == AnswerStart::Open) return;
    state_ = State::Body;
    kind_ = plan_->reading.start == AnswerStart::Reasoning ? Kind::Thought : Kind::Content;
  }

  AnswerDelta push(std::string_view text) override {
    input_ += text;
    while (state_ == State::Header ? read_header() : read_body()) {
    }
    input_.erase(0, std::exchange(cursor_, 0));
    return std::exchange(delta_, {});
  }

  AnswerDelta finish() override {
    if (state_ == State::Body) say(rest());
    else if (!has_header()) delta_.content += rest();
    end_message();
    input_.clear();
    return std::exchange(delta_, {});
  }

  bool has_tool_calls() const override { return calls_ > 0; }

 private:
  enum class State { Header, Body };
  enum class Kind { Thought, Content, Call, Dropped };

  std::string_view rest() const { return std::string_view(input_).substr(cursor_); }

  // Whether what is there may begin a header.
  bool has_header() const {
    const std::string_view text = rest();
    for (const std::string_view begin : {std::string_view("<|"), std::string_view(" to=")}) {
      if (starts(text, begin) != Match::No) return true;
    }
    return after_start_;
  }

  bool read_header() {
    if (rest().starts_with(kStart)) {
      cursor_ += kStart.size();
      after_start_ = true;
    }
    if (rest().empty() || starts(rest(), kStart) == Match::Partial) return false;
    const std::size_t end = rest().find(kMessage);
    if (end != std::string_view::npos && has_header()) {
      begin_message(rest().substr(0, end));
      cursor_ += end + kMessage.size();
    } else if (has_header() && rest().size() <= kMaxHeader) {
      return false;
    } else {
      kind_ = Kind::Content;
    }
    after_start_ = false;
    state_ = State::Body;
    return true;
  }

  void begin_message(std::string_view header) {
    constexpr std::string_view kRecipient = "to=";
    kind_ = Kind::Content;
    if (const auto to = header.find(kRecipient); to != std::string_view::npos) {
      std::string_view name = header.substr(to + kRecipient.size());
      name = name.substr(0, name.find_first_of(" <\n"));
      const bool is_function = name.starts_with("functions.");
      if (is_function) name.remove_prefix(std::string_view("functions.").size());
      if (name == "assistant" || name == "user") return;
      kind_ = plan_->tools.contains(name) ? Kind::Call : Kind::Dropped;
      if (kind_ == Kind::Call) begin_call(name);
      return;
    }
    if (header.contains("analysis")) kind_ = Kind::Thought;
  }

  void begin_call(std::string_view name) {
    arguments_ = {};
    has_arguments_ = false;
    is_broken_ = false;
    delta_.tool_calls.push_back({calls_++, new_call_id(), std::string(name), {}});
  }

  bool read_body() {
    const Found found = find_first(rest(), ends());
    say(rest().substr(0, found.clear));
    cursor_ += found.clear;
    if (found.at == std::string_view::npos) return false;
    const std::string& end = ends()[found.which];
    const bool begins_next = end == kStart || end == "<|channel|>";
    if (!begins_next) cursor_ += end.size();
    end_message();
    state_ = State::Header;
    return true;
  }

  void say(std::string_view text) {
    const bool separates = plan_->reading.separates_reasoning;
    if (kind_ == Kind::Thought) (separates ? delta_.reasoning : delta_.content) += text;
    if (kind_ == Kind::Content) delta_.content += text;
    if (kind_ != Kind::Call || is_broken_ || text.empty()) return;
    std::string more;
    is_broken_ = arguments_.read(text, more) == JsonStream::State::Failed;
    if (more.empty()) return;
    has_arguments_ = true;
    call_delta().arguments += more;
  }

  void end_message() {
    if (kind_ == Kind::Call && state_ == State::Body && !has_arguments_)
      call_delta().arguments += "{}";
    kind_ = Kind::Dropped;
  }

  ToolCallDelta& call_delta() {
    const std::size_t index = calls_ - 1;
    if (delta_.tool_calls.empty() || delta_.tool_calls.back().index != index)
      delta_.tool_calls.push_back({.index = index});
    return delta_.tool_calls.back();
  }

  const std::shared_ptr<const HarmonyPlan> plan_;
  State state_ = State::Header;
  Kind kind_ = Kind::Dropped;
  AnswerDelta delta_;
  std::string input_;
  std::size_t cursor_ = 0;
  bool after_start_ = false;  // the header began with "<|start|>", which was taken
  JsonStream arguments_;
  bool has_arguments_ = false;
  bool is_broken_ = false;
  std::size_t calls_ = 0;
};

class HarmonyFormat final : public AnswerFormat {
 public:
  explicit HarmonyFormat(std::shared_ptr<const HarmonyPlan> plan) : plan_(std::move(plan)) {}
  std::unique_ptr<AnswerParser> parser() const override {
    return std::make_unique<HarmonyParser>(plan_);
  }

 private:
  const std::shared_ptr<const HarmonyPlan> plan_;
};

}  // namespace

std::shared_ptr<const AnswerFormat> harmony_format(std::span<const Tool> tools,
                                                   AnswerReading reading) {
  return std::make_shared<const HarmonyFormat>(
      std::make_shared<const HarmonyPlan>(CallTools(tools), reading));
}

}  // namespace shimmy::chat
