#include "chat/whole_text_format.h"

#include <algorithm>
#include <utility>

#include "chat/call_id.h"
#include "chat/json_stream.h"

namespace shimmy::chat {
namespace {

// What `now` has beyond what was shown. The parser may take a few characters back while a tag is
// cut: then nothing is shown until it has passed the old end again.
std::string grown(std::string& shown, const std::string& now) {
  if (now.size() <= shown.size() || !now.starts_with(shown)) return {};
  std::string more = now.substr(shown.size());
  shown = now;
  return more;
}

void append(AnswerDelta& delta, AnswerDelta more) {
  delta.reasoning += more.reasoning;
  delta.content += more.content;
  for (ToolCallDelta& call : more.tool_calls) delta.tool_calls.push_back(std::move(call));
}

std::string compact(const std::string& arguments) {
  if (arguments.empty()) return "{}";
  std::string_view rest = arguments;
  std::string compacted;
  JsonStream stream;
  return stream.read(rest, compacted) == JsonStream::State::Failed ? arguments : compacted;
}

class WholeTextParser final : public AnswerParser {
 public:
  WholeTextParser(std::shared_ptr<const llama::PegFormat> peg, bool reads_calls)
      : peg_(std::move(peg)), reads_calls_(reads_calls) {}

  AnswerDelta push(std::string_view text) override {
    text_ += text;
    AnswerDelta delta;
    // At fixed lengths, so that it does not matter how the text was cut.
    while (text_.size() >= due_) {
      append(delta, show(peg_->parse(text_.substr(0, due_), /*is_partial=*/true), false));
      due_ += std::max<std::size_t>(16, due_ / 8);
    }
    return delta;
  }

  AnswerDelta finish() override {
    llama::ParsedAnswer answer = peg_->parse(text_, /*is_partial=*/false);
    // A text that was cut off fits no syntax as a whole.
    const bool is_unread = answer.calls.empty() && answer.content == text_;
    if (is_unread) {
      llama::ParsedAnswer partial = peg_->parse(text_, /*is_partial=*/true);
      if (!partial.calls.empty() || !partial.reasoning.empty()) answer = std::move(partial);
    }
    return show(answer, /*is_last=*/true);
  }

  bool has_tool_calls() const override { return !calls_.empty(); }

 private:
  struct Shown {
    std::string arguments;
  };

  AnswerDelta show(const llama::ParsedAnswer& answer, bool is_last) {
    AnswerDelta delta;
    delta.reasoning = grown(reasoning_, answer.reasoning);
    delta.content = grown(content_, answer.content);
    if (!reads_calls_) return delta;
    for (std::size_t i = 0; i < answer.calls.size(); ++i)
      show_call(i, answer.calls[i], is_last || i + 1 < answer.calls.size(), delta);
    return delta;
  }

  // Names and arguments of a call are certain once another follows, or the text is over.
  void show_call(std::size_t index, const llama::ParsedCall& call, bool is_whole,
                 AnswerDelta& delta) {
    if (!is_whole || call.name.empty()) return;
    ToolCallDelta made{.index = index};
    if (index >= calls_.size()) {
      calls_.emplace_back();
      made.id = new_call_id();
      made.name = call.name;
    }
    made.arguments = grown(calls_[index].arguments, compact(call.arguments));
    if (!made.name.empty() || !made.arguments.empty()) delta.tool_calls.push_back(std::move(made));
  }

  const std::shared_ptr<const llama::PegFormat> peg_;
  const bool reads_calls_;
  std::string text_;
  std::size_t due_ = 1;
  std::string reasoning_;  // shown so far
  std::string content_;
  std::vector<Shown> calls_;
};

class WholeTextFormat final : public AnswerFormat {
 public:
  WholeTextFormat(std::shared_ptr<const llama::PegFormat> peg, bool reads_calls)
      : peg_(std::move(peg)), reads_calls_(reads_calls) {}
  std::unique_ptr<AnswerParser> parser() const override {
    return std::make_unique<WholeTextParser>(peg_, reads_calls_);
  }

 private:
  const std::shared_ptr<const llama::PegFormat> peg_;
  const bool reads_calls_;
};

}  // namespace

std::shared_ptr<const AnswerFormat> whole_text_format(std::shared_ptr<const llama::PegFormat> peg,
                                                      bool reads_calls) {
  return std::make_shared<const WholeTextFormat>(std::move(peg), reads_calls);
}

}  // namespace shimmy::chat
