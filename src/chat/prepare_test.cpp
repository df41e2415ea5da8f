// Whole conversations through templates in the style of the main families.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <iostream>

#include "chat/answer_reading_fixture.h"
#include "chat/chat_template.h"
#include "chat/family_templates.h"

namespace shimmy::chat {
namespace {

using base::ErrorCode;
using generation::Constraint;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// ChatML with thoughts and Hermes calls.
constexpr const char* kThinker = R"({%- if tools -%}
<|im_start|>system
Tools:
{%- for tool in tools %}
{{ tool | tojson }}
{%- endfor %}
Call like <tool_call>{"name": ..., "arguments": ...}</tool_call><|im_end|>
{% endif -%}
{%- for m in messages -%}
{{- '<|im_start|>' + m.role + '\n' -}}
{%- if m.role == 'assistant' and m.reasoning_content -%}
{{- '<think>\n' + m.reasoning_content + '\n</think>\n\n' -}}
{%- endif -%}
{{- m.content -}}
{%- for call in m.tool_calls or [] -%}
{{- '\n<tool_call>\n{"name": "' + call.function.name + '", "arguments": ' + (call.function.arguments | tojson) + '}\n</tool_call>' -}}
{%- endfor -%}
{{- '<|im_end|>\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}
{{- '<|im_start|>assistant\n' -}}
{%- if enable_thinking is defined and enable_thinking is false -%}
{{- '<think>\n\n</think>\n\n' -}}
{%- endif -%}
{%- endif -%})";

// The prompt opens the thoughts.
constexpr const char* kAlwaysThinks =
    "{% for m in messages %}{{ '<|' + m.role + '|>' }}"
    "{% if m.role == 'assistant' and m.reasoning_content %}"
    "{{ '<think>' + m.reasoning_content + '</think>' }}{% endif %}{{ m.content + '<|end|>' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|><think>' }}{% endif %}";

std::shared_ptr<const ChatTemplate> make(std::string jinja) {
  generation::ModelFacts facts;
  facts.chat_template = std::move(jinja);
  facts.bos_text = "<s>";
  facts.eos_text = "</s>";
  auto created = ChatTemplate::create(facts);
  EXPECT_TRUE(created) << created.error().message;
  return created.value_or(nullptr);
}

Conversation asking(std::vector<Tool> tools = {}) {
  return {.messages = {{.role = "user", .content = "Hi"}}, .tools = std::move(tools)};
}

PreparedPrompt prepare(const ChatTemplate& chat_template, const Conversation& conversation) {
  auto prepared = chat_template.prepare(conversation);
  EXPECT_TRUE(prepared) << prepared.error().message;
  return prepared.value_or(PreparedPrompt{});
}

base::Error error_of(const ChatTemplate& chat_template, const Conversation& conversation) {
  const auto prepared = chat_template.prepare(conversation);
  EXPECT_FALSE(prepared);
  return prepared ? base::Error{} : prepared.error();
}

TEST(Prepare, KnowsWhatATemplateCanDo) {
  EXPECT_TRUE(make(kThinker)->supports_tools());
  EXPECT_TRUE(make(kThinker)->supports_thinking());
  EXPECT_TRUE(make(kAlwaysThinks)->supports_thinking());
  EXPECT_FALSE(make(kAlwaysThinks)->supports_tools());
  EXPECT_FALSE(make("{{ messages[0].content }}")->supports_thinking());
}

TEST(Prepare, ReadsThoughtsAndCalls) {
  const auto prepared = prepare(*make(kThinker), asking(two_tools()));
  EXPECT_THAT(prepared.text(), HasSubstr("\"name\": \"look_up\""));
  EXPECT_EQ(read_any_cut(*prepared.format,
                         "<think>\nhm\n</think>\n\nOk <tool_call>\n{\"name\": \"look_up\", "
                         "\"arguments\": {\"word\": \"x\"}}\n</tool_call>"),
            R"((hm)Ok[look_up {"word":"x"}])");
  EXPECT_EQ(prepared.constraint.kind, Constraint::Kind::StructuralTag);
  EXPECT_THAT(prepared.visible_specials, testing::Contains("<tool_call>"));
}

TEST(Prepare, TakesNoCallsWhereNoneAreWanted) {
  Conversation asked = asking(two_tools());
  asked.tool_choice.mode = ToolChoice::Mode::None;
  const auto prepared = prepare(*make(kThinker), asked);
  EXPECT_THAT(prepared.text(), Not(HasSubstr("look_up")));
  EXPECT_EQ(prepared.constraint.kind, Constraint::Kind::None);
  EXPECT_EQ(read_any_cut(*prepared.format, "<tool_call>{\"name\": \"stop\"}</tool_call>"),
            "<tool_call>{\"name\": \"stop\"}</tool_call>");
}

TEST(Prepare, AllowsOnlyTheNamedTool) {
  Conversation asked = asking(two_tools());
  asked.tool_choice = {ToolChoice::Mode::Named, "stop"};
  const auto prepared = prepare(*make(kThinker), asked);
  EXPECT_THAT(prepared.constraint.text, HasSubstr("stop"));
  EXPECT_THAT(prepared.constraint.text, Not(HasSubstr("look_up")));
  EXPECT_THAT(prepared.text(), HasSubstr("look_up")) << "the prompt stays the same";
}

TEST(Prepare, RefusesChoicesThatNoToolMeets) {
  const auto chat_template = make(kThinker);
  Conversation asked = asking(two_tools());
  asked.tool_choice = {ToolChoice::Mode::Named, "fly"};
  EXPECT_EQ(error_of(*chat_template, asked).param, "tool_choice");
  EXPECT_THAT(error_of(*chat_template, asked).message, HasSubstr("fly"));
  asked = asking();
  asked.tool_choice.mode = ToolChoice::Mode::Required;
  EXPECT_EQ(error_of(*chat_template, asked).param, "tool_choice");
}

TEST(Prepare, RefusesTwoToolsWithOneName) {
  Conversation asked = asking({{"a", "", "{}"}, {"a", "", "{}"}});
  const auto error = error_of(*make(kThinker), asked);
  EXPECT_EQ(error.code, ErrorCode::InvalidRequest);
  EXPECT_THAT(error.message, HasSubstr("'a'"));
}

TEST(Prepare, RefusesWhatIsNoJson) {
  const auto chat_template = make(kThinker);
  EXPECT_THAT(error_of(*chat_template, asking({{"a", "", "{"}})).message, HasSubstr("'a'"));
  Conversation asked = asking();
  asked.template_arguments = {{"good", "1"}, {"bad", "yes"}};
  EXPECT_THAT(error_of(*chat_template, asked).message, HasSubstr("'bad'"));
  asked = asking();
  asked.output = {Constraint::Kind::JsonSchema, "{"};
  EXPECT_EQ(error_of(*chat_template, asked).param, "response_format");
}

TEST(Prepare, HandsTemplateArgumentsOn) {
  Conversation asked = asking();
  asked.template_arguments = {{"mood", "\"calm\""}, {"list", "[1, {\"a\": null}]"}};
  asked.reasoning_effort = "high";
  EXPECT_EQ(prepare(*make("{{ mood }} {{ list | tojson }} {{ reasoning_effort }}"
                          "{{ messages[0].content }}"),
                    asked)
                .text(),
            "calm [1, {\"a\": null}] highHi");
}

TEST(Prepare, TurnsThinkingOff) {
  Conversation asked = asking();
  asked.thinking = false;
  const auto prepared = prepare(*make(kThinker), asked);
  EXPECT_THAT(prepared.text(), EndsWith("<think>\n\n</think>\n\n"));
  EXPECT_EQ(read_any_cut(*prepared.format, "<think>is text"), "<think>is text");
}

TEST(Prepare, StartsInThoughtsThatThePromptOpened) {
  const auto prepared = prepare(*make(kAlwaysThinks), asking());
  EXPECT_EQ(read_any_cut(*prepared.format, "hm</think>Yes"), "(hm)Yes");
  EXPECT_EQ(read_any_cut(*prepared.format, "hm and no end"), "(hm and no end)");
}

TEST(Prepare, IsNotFooledByThoughtsInAMessage) {
  Conversation asked = asking();
  asked.messages[0].content = "What is <think>";
  asked.adds_generation_prompt = false;
  const auto prepared =
      prepare(*make("{{ messages[-1].content }}{% if x %}<think>{% endif %}"), asked);
  EXPECT_EQ(read_any_cut(*prepared.format, "A tag."), "A tag.");
}

TEST(Prepare, LeavesThoughtsInTheContentIfAsked) {
  Conversation asked = asking();
  asked.separates_reasoning = false;
  const auto prepared = prepare(*make(kThinker), asked);
  EXPECT_EQ(read_any_cut(*prepared.format, "<think>\nhm\n</think>\nYes"),
            "<think>\nhm\n</think>\nYes");
}

TEST(Prepare, ContinuesAnAnswer) {
  Conversation asked = asking();
  asked.messages.push_back({.role = "assistant", .content = "Hello wor"});
  asked.continues_final_message = true;
  const auto prepared = prepare(*make(kThinker), asked);
  EXPECT_THAT(prepared.text(), EndsWith("<|im_start|>assistant\nHello wor"));
  EXPECT_TRUE(prepared.parts.back().from_message);
  EXPECT_EQ(read_any_cut(*prepared.format, "ld <think>"), "ld <think>");
}

TEST(Prepare, ContinuesThoughts) {
  Conversation asked = asking();
  asked.messages.push_back({.role = "assistant", .content = "", .reasoning = "I won"});
  asked.continues_final_message = true;
  for (const char* jinja : {kThinker, kAlwaysThinks}) {
    const auto prepared = prepare(*make(jinja), asked);
    EXPECT_THAT(prepared.text(), EndsWith("I won"));
    EXPECT_EQ(read_any_cut(*prepared.format, "der</think>Yes"), "(der)Yes");
  }
  asked.messages.back().content = "So";
  EXPECT_THAT(prepare(*make(kAlwaysThinks), asked).text(), EndsWith("<think>I won</think>So"));
}

TEST(Prepare, WritesNothingOfTheAnswerIfAsked) {
  Conversation asked = asking();
  asked.adds_generation_prompt = false;
  EXPECT_THAT(prepare(*make(kThinker), asked).text(), EndsWith("Hi<|im_end|>\n"));
}

TEST(Prepare, MovesALateSystemMessageWhereItIsRefused) {
  const auto strict = make(
      "{% for m in messages %}{% if m.role == 'system' and not loop.first %}"
      "{{ raise_exception('system first') }}{% endif %}[{{ m.role }}]{{ m.content }}{% endfor %}");
  const Conversation asked{.messages = {{"system", "a"}, {"user", "b"}, {"system", "c"}}};
  EXPECT_EQ(prepare(*strict, asked).text(), "[system]a\n\nc[user]b");
  EXPECT_EQ(prepare(*strict, {.messages = {{"user", "b"}, {"system", "c"}}}).text(),
            "[system]c[user]b");
}

TEST(Prepare, TellsModelsWithoutToolsOfThem) {
  const auto plain = make("{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}");
  Conversation asked = asking(two_tools());
  asked.messages.push_back(
      {.role = "assistant", .content = "", .tool_calls = {{"1", "stop", "{}"}}});
  asked.messages.push_back({.role = "tool", .content = "done", .tool_call_id = "1"});
  const auto prepared = prepare(*plain, asked);
  EXPECT_THAT(prepared.text(), StartsWith("[system]You can call these tools."));
  EXPECT_THAT(prepared.text(), HasSubstr("[assistant]<tool_call>\n{\"name\": \"stop\""));
  EXPECT_THAT(prepared.text(), HasSubstr("[user]<tool_response>\ndone"));
  EXPECT_EQ(read_any_cut(*prepared.format,
                         "<tool_call>\n{\"name\": \"stop\", \"arguments\": {}}\n</tool_call>"),
            "[stop {}]");
  EXPECT_EQ(prepared.constraint.kind, Constraint::Kind::StructuralTag);
}

TEST(Prepare, NamesTheToolOfAResult) {
  const auto names = make(
      "{% for m in messages %}[{{ m.role }} {{ m.name }}]{% endfor %}"
      "{% for t in tools %}{{ t.function.name }}{% endfor %}"
      "{% for m in messages %}{% for c in m.tool_calls or [] %}"
      "<call>{\"name\": \"{{ c.function.name }}\", \"arguments\": "
      "{{ c.function.arguments | tojson }}}</call>{% endfor %}{% endfor %}");
  Conversation asked = asking(two_tools());
  asked.messages.push_back(
      {.role = "assistant", .content = "", .tool_calls = {{"1", "stop", "{}"}}});
  asked.messages.push_back({.role = "tool", .content = "done", .tool_call_id = "1"});
  EXPECT_THAT(prepare(*names, asked).text(), HasSubstr("[tool stop]"));
}

TEST(Prepare, KeepsArgumentsThatAreNoJson) {
  Conversation asked = asking(two_tools());
  asked.messages.push_back(
      {.role = "assistant", .content = "", .tool_calls = {{"1", "stop", "not json"}}});
  EXPECT_THAT(prepare(*make(kThinker), asked).text(), HasSubstr("not json"));
}

TEST(Prepare, RefusesTemplatesThatWouldExhaustTheStack) {
  generation::ModelFacts facts;
  facts.chat_template = "{{ " + std::string(100'000, '(') + "1" + std::string(100'000, ')') + " }}";
  EXPECT_FALSE(ChatTemplate::create(facts));
  std::string chain = "{{ ";
  for (int i = 0; i < 100'000; ++i) chain += "not ";
  facts.chat_template = chain + "1 }}";
  EXPECT_FALSE(ChatTemplate::create(facts));
  facts.chat_template.clear();
  for (int i = 0; i < 10'000; ++i) facts.chat_template += "{% if true %}";
  EXPECT_FALSE(ChatTemplate::create(facts));
  facts.chat_template.assign(std::size_t{2} << 20, 'x');
  facts.chat_template += "{{ messages }}";
  EXPECT_FALSE(ChatTemplate::create(facts));
}

TEST(Prepare, BoundsLoopsOverNumbers) {
  const auto endless = make(
      "{% if messages[0].content == 'go' %}{% for i in range(99999999999) %}x"
      "{% endfor %}{% endif %}ok");
  EXPECT_EQ(prepare(*endless, asking()).text(), "ok");
  EXPECT_THAT(error_of(*endless, {.messages = {{"user", "go"}}}).message, HasSubstr("range()"));
}

std::vector<Tool> many_tools() {
  std::vector<Tool> tools;
  for (int i = 0; i < 20; ++i) {
    tools.push_back(
        {"tool_" + std::to_string(i),
         "Does something that takes a sentence or two to say, as such tools do.",
         R"({"type":"object","properties":{"path":{"type":"string","description":"Where"},)"
         R"("limit":{"type":"integer","minimum":0},"mode":{"type":"string","enum":["a","b"]},)"
         R"("tags":{"type":"array","items":{"type":"string"}}},"required":["path"]})"});
  }
  return tools;
}

TEST(Prepare, CostsLittleTheSecondTime) {
  const auto chat_template = make(kThinker);
  const Conversation asked = asking(many_tools());
  using Clock = std::chrono::steady_clock;
  auto best = std::chrono::microseconds::max();
  const auto first = Clock::now();
  prepare(*chat_template, asked);
  const auto cold = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - first);
  for (int i = 0; i < 20; ++i) {
    const auto begin = Clock::now();
    prepare(*chat_template, asked);
    best =
        std::min(best, std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin));
  }
  std::cout << "20 tools: first " << cold.count() << " us, then " << best.count() << " us\n";
  EXPECT_LT(best.count(), 5000);
}

TEST(FamilyTemplates, AreChosenByArchitectureAndName) {
  generation::ModelFacts facts;
  facts.bos_text = "<s>";
  const auto text = [&](std::string architecture, std::string name) {
    facts.architecture = std::move(architecture);
    facts.name = std::move(name);
    auto created = ChatTemplate::create(facts);
    return created ? prepare(**created, asking()).text() : created.error().message;
  };
  EXPECT_EQ(text("qwen2", ""), "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
  EXPECT_EQ(text("llama", "Meta Llama-3.1 8B"),
            "<s><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\n");
  EXPECT_EQ(text("gemma3", ""), "<s><start_of_turn>user\nHi<end_of_turn>\n<start_of_turn>model\n");
  EXPECT_EQ(text("phi3", ""), "<|user|>\nHi<|end|>\n<|assistant|>\n");
  EXPECT_EQ(text("llama", "Mistral 7B"), "<s>[INST] Hi [/INST]");
  EXPECT_EQ(text("llama", "Llama_2 7b"), "<s>[INST] Hi [/INST]");
}

TEST(FamilyTemplates, PutInstructionsWhereLlama2WantsThem) {
  generation::ModelFacts facts;
  facts.bos_text = "<s>";
  const auto created = ChatTemplate::create(facts, "llama2");
  ASSERT_TRUE(created);
  EXPECT_EQ(prepare(**created, {.messages = {{"system", "Be brief."}, {"user", "Hi"}}}).text(),
            "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST]");
}

TEST(FamilyTemplates, AreFoundByName) {
  for (const char* name : {"chatml", "ChatML", "llama3", "llama-3", "gemma", "mistral", "zephyr"})
    EXPECT_TRUE(named_template(name)) << name;
  const auto unknown = named_template("klingon");
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("chatml, gemma"));
}

TEST(FamilyTemplates, GiveWayToAnOverride) {
  generation::ModelFacts facts;
  facts.chat_template = "{{ 'own' }}";
  EXPECT_EQ(prepare(**ChatTemplate::create(facts), asking()).text(), "own");
  EXPECT_EQ(prepare(**ChatTemplate::create(facts, "{{ 'other' }}"), asking()).text(), "other");
  EXPECT_THAT(prepare(**ChatTemplate::create(facts, "chatml"), asking()).text(),
              StartsWith("<|im_start|>"));
  EXPECT_FALSE(ChatTemplate::create(facts, "klingon"));
}

}  // namespace
}  // namespace shimmy::chat
