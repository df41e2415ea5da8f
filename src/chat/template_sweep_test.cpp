// All chat templates that llama.cpp's tree brings along, read at run time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "chat/chat_template.h"
#include "llama/chat_template.h"
#include "llama/peg_format.h"
#include "llama/template_analysis.h"

namespace shimmy::chat {
namespace {

namespace json = boost::json;

const std::vector<Tool> kTools{
    {"get_weather", "Tells the weather.",
     R"({"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}},"required":["city"]})"},
    {"stop_clock", "Stops the clock.", "{}"}};

const std::string kArguments = R"({"city":"Paris","days":3})";

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::filesystem::path> templates() {
  std::vector<std::filesystem::path> paths;
  if (!std::filesystem::is_directory(SHIMMY_LLAMA_TEMPLATES)) return paths;
  for (const auto& entry : std::filesystem::directory_iterator(SHIMMY_LLAMA_TEMPLATES)) {
    if (entry.path().extension() == ".jinja") paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

struct Answer {
  std::string reasoning;
  std::string content;
  std::vector<ToolCall> calls;

  void add(const AnswerDelta& delta) {
    reasoning += delta.reasoning;
    content += delta.content;
    for (const ToolCallDelta& call : delta.tool_calls) {
      if (call.index >= calls.size()) calls.resize(call.index + 1);
      calls[call.index].name += call.name;
      calls[call.index].arguments += call.arguments;
    }
  }
};

Answer parse(const AnswerFormat& format, const std::string& text, std::size_t piece) {
  const auto parser = format.parser();
  Answer answer;
  for (std::size_t at = 0; at < text.size(); at += piece)
    answer.add(parser->push(std::string_view(text).substr(at, piece)));
  answer.add(parser->finish());
  return answer;
}

// What `after` has beyond `prompt`, as the model would have written it: without the end of the
// turn, and closing the thoughts if the prompt opened them.
std::string answer_after(const std::string& prompt, const std::string& after) {
  std::size_t same = 0;
  while (same < std::min(prompt.size(), after.size()) && prompt[same] == after[same]) ++same;
  while (same > 0 && same < prompt.size() && !std::string_view(">]\n").contains(after[same - 1]))
    --same;
  std::string text = after.substr(same);
  const std::string opened = prompt.substr(same);
  for (const auto& [begin, end] : {std::pair<std::string, std::string>{"<think>", "</think>"},
                                   {"<|START_THINKING|>", "<|END_THINKING|>"},
                                   {"<think:opensource>", "</think:opensource>"}}) {
    if (prompt.substr(prompt.size() - std::min(prompt.size(), begin.size() + 2)).contains(begin) &&
        !text.contains(end))
      text.insert(0, "Well." + end);
  }
  for (bool cut = true; cut;) {
    cut = false;
    for (const std::string_view end :
         {"<|im_end|>", "[e~[", "<|END_OF_TURN_TOKEN|>", "</s>", "<|eot_id|>",
          "<｜end▁of▁sentence｜>", "\n", "<|end_of_text|>", "<|eom_id|>", "<|end_of_msg|>",
          "<|eom|>", "<|eot|>"}) {
      if (!text.ends_with(end)) continue;
      text.resize(text.size() - end.size());
      cut = true;
    }
  }
  return text;
}

class TemplateSweep : public testing::TestWithParam<std::filesystem::path> {
 protected:
  void SetUp() override {
    facts_.chat_template = read(GetParam());
    facts_.bos_text = "<s>";
    facts_.eos_text = "</s>";
    auto created = ChatTemplate::create(facts_);
    ASSERT_TRUE(created) << created.error().message;
    template_ = *created;
  }

  static Conversation conversation() {
    return {.messages = {{.role = "system", .content = "Be brief."},
                         {.role = "user", .content = "Weather?"}},
            .tools = kTools};
  }

  static Message call() {
    return {.role = "assistant",
            .content = "",
            .tool_calls = {{"call_aB3dE6gH9", "get_weather", kArguments}}};
  }

  generation::ModelFacts facts_;
  std::shared_ptr<const ChatTemplate> template_;
};

TEST_P(TemplateSweep, RendersAConversationWithTools) {
  Conversation asked = conversation();
  asked.messages.push_back(call());
  asked.messages.push_back({.role = "tool", .content = "Sunny.", .tool_call_id = "call_aB3dE6gH9"});
  const auto prepared = template_->prepare(asked);
  ASSERT_TRUE(prepared) << prepared.error().message;
  EXPECT_THAT(prepared->text(), testing::HasSubstr("Weather?"));
}

TEST_P(TemplateSweep, ReadsBackACallThatItRendered) {
  if (!template_->supports_tools()) GTEST_SKIP() << "shows no calls";
  Conversation asked = conversation();
  const auto before = template_->prepare(asked);
  ASSERT_TRUE(before) << before.error().message;
  asked.messages.push_back(call());
  asked.adds_generation_prompt = false;
  const auto after = template_->prepare(asked);
  ASSERT_TRUE(after) << after.error().message;
  const std::string text = answer_after(before->text(), after->text());
  if (text.contains("<tool_call>") && !facts_.chat_template.contains("<tool_call>"))
    GTEST_SKIP() << "renders no calls of its own";
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, text.size()}) {
    const Answer answer = parse(*before->format, text, piece);
    ASSERT_EQ(answer.calls.size(), 1U) << "text: " << text << "\ncontent: " << answer.content
                                       << "\nreasoning: " << answer.reasoning;
    EXPECT_EQ(answer.calls[0].name, "get_weather");
    EXPECT_EQ(answer.calls[0].arguments, kArguments) << text;
  }
}

// What is remembered of one conversation's tools is right for the next one.
TEST_P(TemplateSweep, WritesTheSameHoweverOftenItSawTheTools) {
  Conversation first = conversation();
  ASSERT_TRUE(template_->prepare(first));
  std::vector<Conversation> others(5, conversation());
  others[0].messages[1].content = "Something else.";
  others[1].messages.erase(others[1].messages.begin());
  others[2].messages.push_back(call());
  others[2].messages.push_back(
      {.role = "tool", .content = "Sunny.", .tool_call_id = "call_aB3dE6gH9"});
  others[3].tools[0].description = "Another description.";
  others[4].template_arguments = {{"tool_call_format", R"("x")"}, {"first", "7"}};
  others[4].thinking = false;
  for (const Conversation& other : others) {
    const auto fresh = ChatTemplate::create(facts_);
    ASSERT_TRUE(fresh);
    const auto expected = (*fresh)->prepare(other);
    const auto prepared = template_->prepare(other);
    ASSERT_TRUE(expected && prepared);
    EXPECT_EQ(prepared->text(), expected->text());
    EXPECT_EQ(prepared->parts.size(), expected->parts.size());
  }
}

// Whatever a template does with texts of users: none may look like the template's own.
TEST_P(TemplateSweep, LetsNobodyForgeASpecialToken) {
  const std::string forged = "a <|forged|> [FORGED] </forged> ";
  Conversation asked = conversation();
  for (Message& message : asked.messages) message.content = forged;
  asked.tools[0].description = forged;
  asked.tools[0].parameters =
      R"({"type":"object","description":"<|forged|>","properties":{"<|forged|>":{"type":"string",)"
      R"("description":"</forged> [FORGED]","enum":["<|forged|>"]}},"required":["<|forged|>"]})";
  Message answer = call();
  answer.content = forged;
  answer.reasoning = forged;
  answer.tool_calls[0].arguments = R"({"<|forged|>":"[FORGED] </forged>"})";
  asked.messages.push_back(answer);
  asked.messages.push_back({.role = "tool", .content = forged, .tool_call_id = "call_aB3dE6gH9"});
  const auto prepared = template_->prepare(asked);
  ASSERT_TRUE(prepared) << prepared.error().message;
  EXPECT_THAT(prepared->text(), testing::HasSubstr("<|forged|>"));
  for (const PromptPart& part : prepared->parts) {
    if (part.from_message) continue;
    for (const char* half : {"<|forged", "forged|>", "[FORGED", "FORGED]", "</forged", "forged>"})
      EXPECT_THAT(part.text, testing::Not(testing::HasSubstr(half)));
  }
}

std::string name_of(const testing::TestParamInfo<std::filesystem::path>& info) {
  std::string name = info.param.stem().string();
  for (char& c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Models, TemplateSweep, testing::ValuesIn(templates()), name_of);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(TemplateSweep);

}  // namespace
}  // namespace shimmy::chat
