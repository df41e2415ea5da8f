// Reading answers in tests: whole, cut anywhere, and what came of it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "chat/answer_format.h"
#include "chat/conversation.h"

namespace shimmy::chat {

struct ReadAnswer {
  std::string reasoning;
  std::string content;
  std::vector<ToolCall> calls;

  void add(const AnswerDelta& delta) {
    reasoning += delta.reasoning;
    content += delta.content;
    for (const ToolCallDelta& call : delta.tool_calls) {
      EXPECT_LE(call.index, calls.size()) << "indices are dense";
      const bool is_new = call.index >= calls.size();
      EXPECT_EQ(is_new, !call.name.empty()) << "the name comes once, first";
      EXPECT_EQ(is_new, !call.id.empty()) << "the id comes once, first";
      if (is_new) calls.resize(call.index + 1);
      calls[call.index].name += call.name;
      calls[call.index].id += call.id;
      calls[call.index].arguments += call.arguments;
    }
  }

  // One line: "(thoughts) content [tool {…}]".
  std::string text() const {
    std::string line = reasoning.empty() ? "" : "(" + reasoning + ")";
    line += content;
    for (const ToolCall& call : calls) line += "[" + call.name + " " + call.arguments + "]";
    return line;
  }
};

inline ReadAnswer read_in_pieces(const AnswerFormat& format,
                                 const std::vector<std::string_view>& pieces) {
  const auto parser = format.parser();
  ReadAnswer answer;
  for (const std::string_view piece : pieces) answer.add(parser->push(piece));
  answer.add(parser->finish());
  EXPECT_EQ(parser->has_tool_calls(), !answer.calls.empty());
  return answer;
}

// Reads `text` whole; expects the same of every cut in two, and of single bytes.
inline std::string read_any_cut(const AnswerFormat& format, std::string_view text) {
  const std::string whole = read_in_pieces(format, {text}).text();
  std::vector<std::string_view> bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bytes.push_back(text.substr(i, 1));
    EXPECT_EQ(read_in_pieces(format, {text.substr(0, i), text.substr(i)}).text(), whole)
        << "cut at " << i << " of: " << text;
  }
  EXPECT_EQ(read_in_pieces(format, bytes).text(), whole) << "byte by byte: " << text;
  return whole;
}

inline std::vector<Tool> two_tools() {
  return {{"look_up", "Looks up a word.",
           R"({"type":"object","properties":{"word":{"type":"string"},"limit":{"type":"integer"},)"
           R"("any":{}},"required":["word"]})"},
          {"stop", "Stops.", "{}"}};
}

}  // namespace shimmy::chat
