// llama-common's own parser and grammar for the answers of one kind of request.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "llama/chat_template.h"

namespace shimmy::llama {

struct AnswerRequest {
  std::span<const TemplateTool> tools = {};  // empty: no calls
  bool calls_required = false;
  bool parallel_calls = true;
  std::string_view output_schema = {};  // JSON Schema of the content; empty: free
  bool thinking = true;
  bool separates_reasoning = true;
  bool adds_generation_prompt = true;
};

struct ParsedCall {
  std::string name;
  std::string arguments;
};

struct ParsedAnswer {
  std::string reasoning;
  std::string content;
  std::vector<ParsedCall> calls;
};

// Immutable: any thread may call any member.
class PegFormat {
 public:
  // Takes milliseconds. Fails with InvalidRequest where llama-common cannot make a parser, saying
  // why.
  static base::Result<std::shared_ptr<const PegFormat>> create(const ChatTemplate& chat_template,
                                                               const AnswerRequest& request);
  ~PegFormat();
  PegFormat(const PegFormat&) = delete;
  PegFormat& operator=(const PegFormat&) = delete;

  // Reads the whole text of an answer: time grows with its length. `is_partial`: more may come.
  // Text that does not fit the syntax is content.
  ParsedAnswer parse(const std::string& text, bool is_partial) const;

  // Of the whole answer, in llama.cpp's notation; empty when only part of it is bound or none.
  const std::string& grammar() const;

 private:
  struct Compiled;
  explicit PegFormat(std::unique_ptr<const Compiled> compiled);

  std::unique_ptr<const Compiled> compiled_;
};

}  // namespace shimmy::llama
