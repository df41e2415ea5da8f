#include <utility>

#include "chat/answer_format.h"

namespace shimmy::chat {
namespace {

class PlainParser final : public AnswerParser {
 public:
  AnswerDelta push(std::string_view text) override { return {.content = std::string(text)}; }
  AnswerDelta finish() override { return {}; }
  bool has_tool_calls() const override { return false; }
};

class PlainFormat final : public AnswerFormat {
 public:
  std::unique_ptr<AnswerParser> parser() const override { return std::make_unique<PlainParser>(); }
};

}  // namespace

std::shared_ptr<const AnswerFormat> plain_format() { return std::make_shared<const PlainFormat>(); }

}  // namespace shimmy::chat
