// The parser of tag_format.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "chat/answer_parser.h"
#include "chat/call_body.h"
#include "chat/call_tools.h"
#include "chat/tag_format.h"
#include "llama/answer_syntax.h"

namespace shimmy::chat {

// What all parsers of one format share. Immutable.
struct TagPlan {
  TagPlan(llama::AnswerSyntax syntax, std::span<const Tool> tools, AnswerReading reading);

  const llama::AnswerSyntax syntax;
  const CallTools tools;
  const AnswerReading reading;
  const bool reads_calls;
  const bool is_bare;  // calls have no marker: any "{" may begin one

  std::vector<std::string> reasoning_ends;   // markers that end the thoughts
  std::vector<std::string> content_markers;  // those that begin calls, then the content's own
  std::size_t call_markers = 0;              // how many of these begin calls
  std::vector<std::string> call_ends;        // what may follow a call's body, in this order
  std::vector<std::string> skip_ends;        // where a broken call ends

 private:
  void add_call_markers();
};

class TagParser final : public AnswerParser {
 public:
  explicit TagParser(std::shared_ptr<const TagPlan> plan);

  AnswerDelta push(std::string_view text) override;
  AnswerDelta finish() override;
  bool has_tool_calls() const override { return calls_ > 0; }

 private:
  enum class State { Opening, Reasoning, Content, Section, Body, CallEnd, Next, Broken };

  // Each takes something of the rest, or changes the state; false: nothing to do without more text.
  bool advance();
  bool open();
  bool read_reasoning();
  bool read_content();
  bool enter_section();
  bool read_body();
  bool skip_call_ends();
  bool next_call();
  bool skip_broken();

  std::string_view rest() const { return std::string_view(input_).substr(cursor_); }
  // Reading what may be a call, without knowing its name yet.
  bool is_candidate() const {
    return !named_ && (state_ == State::Section || state_ == State::Body);
  }
  void take_to(std::string_view rest) { cursor_ = input_.size() - rest.size(); }
  bool starts_with_marker(std::string_view marker, bool& may_start);
  void begin_call(std::size_t marker);
  void begin_body();
  void take(CallParts parts);
  void end_call();
  void give_up_call();
  void say(std::string_view text, bool keeps_blanks);
  ToolCallDelta& call_delta();

  const std::shared_ptr<const TagPlan> plan_;
  State state_ = State::Opening;
  AnswerDelta delta_;  // of this push
  std::string input_;  // from cursor_ on: not yet understood
  std::size_t cursor_ = 0;
  std::string blanks_;  // white space that is shown only if text follows
  bool skips_blanks_ = false;

  std::unique_ptr<CallBody> body_;
  std::size_t candidate_ = 0;       // where the text that may be a call begins in input_
  std::size_t candidate_mark_ = 0;  // the length of its marker
  bool named_ = false;              // it is a call
  bool has_arguments_ = false;
  bool in_array_ = false;
  std::size_t ends_skipped_ = 0;  // of the plan's call_ends
  std::size_t calls_ = 0;
};

}  // namespace shimmy::chat
