#include "llama/chat_template.h"

#include <chat.h>
#include <jinja/caps.h>
#include <jinja/lexer.h>
#include <jinja/parser.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "llama/parsed_template.h"
#include "llama/render_limits.h"
#include "llama/template_values.h"

namespace shimmy::llama {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 20;

// llama-common parses and runs templates by recursion: brackets, blocks and chains of operators
// could otherwise exhaust the stack.
class Nesting {
 public:
  // Of the text up to and with byte `at`.
  bool is_too_deep(std::string_view jinja, std::size_t at) {
    const std::string_view rest = jinja.substr(at);
    if (rest.starts_with("{{") || rest.starts_with("{%")) begin_tag(rest.substr(2, 32));
    const char c = jinja[at];
    if (c == '(' || c == '[' || c == '{') ++brackets_;
    if (c == ')' || c == ']' || c == '}') brackets_ = std::max(0, brackets_ - 1);
    for (const std::string_view word : {"not ", "if ", "else "}) chain_ += rest.starts_with(word);
    return brackets_ > kMaxNesting || blocks_ > kMaxNesting || chain_ > kMaxChain ||
           branches_ > kMaxChain;
  }

 private:
  static constexpr int kMaxNesting = 64;
  static constexpr int kMaxChain = 512;

  void begin_tag(std::string_view word) {
    brackets_ = 0;
    chain_ = 0;
    word.remove_prefix(std::min(word.find_first_not_of("-+ \t\n\r"), word.size()));
    if (word.starts_with("if") || word.starts_with("for") || word.starts_with("macro")) ++blocks_;
    if (word.starts_with("end")) blocks_ = std::max(0, blocks_ - 1);
    if (word.starts_with("elif")) ++branches_;
  }

  int brackets_ = 0;  // open in this tag
  int chain_ = 0;     // operators in this tag that are parsed by recursion
  int blocks_ = 0;    // open
  int branches_ = 0;  // in all
};

bool nests_too_deeply(std::string_view jinja) {
  Nesting nesting;
  for (std::size_t i = 0; i < jinja.size(); ++i) {
    if (nesting.is_too_deep(jinja, i)) return true;
  }
  return false;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    text.replace(at, from.size(), to);
    at += to.size();
  }
}

// Two published families raise an error at histories that clients rightly send: gpt-oss at channel
// tags in an answer, Mistral at an answer without content.
std::string without_needless_refusals(std::string jinja) {
  replace_all(jinja,
              "{%- if \"<|channel|>analysis<|message|>\" in message.content or "
              "\"<|channel|>final<|message|>\" in message.content %}",
              "{%- if false %}");
  replace_all(jinja,
              "{%- if (message['content'] is none or message['content'] == '' or "
              "message['content']|length == 0) and (message['tool_calls'] is not defined or "
              "message['tool_calls'] is none or message['tool_calls']|length == 0) %}",
              "{%- if false %}");
  return jinja;
}

// Templates report errors wrapped in an excerpt of their source: only the last line is for users.
std::string last_words(std::string_view what) {
  for (const std::string_view marker : {"\nError: ", "Jinja Exception: "}) {
    if (const auto at = what.rfind(marker); at != std::string_view::npos)
      what.remove_prefix(at + marker.size());
  }
  return std::string(what);
}

base::Error unparsable(std::string_view why) {
  return {base::ErrorCode::ModelLoadFailed,
          "The model's chat template cannot be parsed: " + std::string(why),
          {},
          {}};
}

// llama-common runs a template without limits as soon as it is made.
base::Result<void> try_out(const std::string& source) {
  jinja::lexer lexer;
  auto tokens = lexer.tokenize(source);
  jinja::program program = jinja::parse_from_tokens(tokens);
  RenderLimits::enforce(program);
  const RenderLimits::Count count;
  jinja::caps_get(program);
  if (RenderLimits::Count::is_exceeded())
    return std::unexpected(unparsable("it needs too much time or memory."));
  return {};
}

}  // namespace

ChatTemplate::ChatTemplate(std::unique_ptr<const Parsed> parsed) : parsed_(std::move(parsed)) {}
ChatTemplate::~ChatTemplate() = default;

base::Result<std::unique_ptr<const ChatTemplate>> ChatTemplate::create(const std::string& jinja,
                                                                       const std::string& bos,
                                                                       const std::string& eos) {
  if (jinja.size() > kMaxBytes) return std::unexpected(unparsable("it is larger than 1 MiB."));
  if (nests_too_deeply(jinja)) {
    return std::unexpected(unparsable("its blocks or brackets nest more than 64 deep."));
  }
  try {
    const std::string source = without_needless_refusals(jinja);
    if (auto tried = try_out(source); !tried) return std::unexpected(std::move(tried.error()));
    auto parsed = std::make_unique<const Parsed>(common_chat_template(source, bos, eos));
    return std::unique_ptr<const ChatTemplate>(new ChatTemplate(std::move(parsed)));
  } catch (const std::exception& error) {
    return std::unexpected(unparsable(last_words(error.what())));
  }
}

base::Result<std::vector<TemplatePart>> ChatTemplate::render(const TemplateInputs& inputs) const {
  const common_chat_template& source = parsed_->source;
  const RenderLimits::Count count;
  try {
    jinja::context context(source.source());
    if (auto set = set_variables(context, source, parsed_->tool_sections, inputs); !set)
      return std::unexpected(std::move(set.error()));
    const auto rendered =
        jinja::runtime::gather_string_parts(jinja::runtime(context).execute(source.prog));
    std::vector<TemplatePart> parts;
    for (const jinja::string_part& part : rendered->val_str.parts)
      append_unfenced(parts, part.val, part.is_input);
    return parts;
  } catch (const std::exception& error) {
    return base::fail_field("messages", "The model's chat template refuses these messages: {}",
                            last_words(error.what()));
  }
}

TemplateAbilities ChatTemplate::abilities() const {
  const jinja::caps& caps = parsed_->source.caps;
  return {.tools = caps.supports_tools,
          .calls = caps.supports_tool_calls,
          .system_role = caps.supports_system_role,
          .parallel_calls = caps.supports_parallel_tool_calls,
          .reasoning_effort = caps.supports_reasoning_effort};
}

const std::string& ChatTemplate::source() const { return parsed_->source.source(); }

}  // namespace shimmy::llama
