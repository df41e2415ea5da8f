#include "protocol/openai/chat_request.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "protocol/json/fields.h"
#include "protocol/json/keep_alive.h"
#include "protocol/openai/conversation.h"
#include "protocol/openai/messages.h"
#include "protocol/openai/output_format.h"
#include "protocol/openai/sampling.h"
#include "protocol/openai/tools.h"
#include "protocol/openai/unsupported.h"

namespace shimmy::protocol::openai {
namespace {

using chat::Conversation;
using json::Fields;

constexpr std::string_view kEfforts[] = {"none", "minimal", "low", "medium",
                                         "high", "xhigh",   "max"};
constexpr std::string_view kVerbosities[] = {"low", "medium", "high"};
constexpr std::string_view kReasoningFormats[] = {"none", "auto", "deepseek", "deepseek-legacy"};

std::optional<std::string> word_of(Fields& fields, std::string_view key,
                                   std::span<const std::string_view> words) {
  auto word = fields.text(key);
  if (word && std::ranges::find(words, *word) == words.end()) fields.fail_value(key, *word, words);
  return word;
}

void decode_reasoning(Fields& fields, Conversation& conversation) {
  auto effort = word_of(fields, "reasoning_effort", kEfforts);
  json::with_member(fields, "reasoning", [&](Fields& reasoning) {
    if (auto nested = word_of(reasoning, "effort", kEfforts)) effort = std::move(nested);
  });
  if (effort == "none") conversation.thinking = false;
  else if (effort) conversation.reasoning_effort = std::move(*effort);
  conversation.separates_reasoning =
      word_of(fields, "reasoning_format", kReasoningFormats) != "none";
}

void decode_template_arguments(Fields& fields, Conversation& conversation) {
  if (const auto verbosity = word_of(fields, "verbosity", kVerbosities))
    conversation.template_arguments.emplace_back("verbosity", '"' + *verbosity + '"');
  const boost::json::object* arguments = fields.object("chat_template_kwargs");
  if (arguments == nullptr) return;
  Fields members(*arguments, "chat_template_kwargs");
  for (const auto& member : *arguments) {
    const std::string_view name(member.key().data(), member.key().size());
    if (name == "enable_thinking") {
      if (const auto thinking = members.flag(name)) conversation.thinking = thinking;
    } else {
      conversation.template_arguments.emplace_back(name, boost::json::serialize(member.value()));
    }
  }
  if (members.error()) fields.fail(*members.error());
}

void decode_answer_start(Fields& fields, Conversation& conversation) {
  conversation.continues_final_message = fields.flag("continue_final_message").value_or(false);
  conversation.adds_generation_prompt =
      fields.flag("add_generation_prompt").value_or(!conversation.continues_final_message);
  if (!conversation.continues_final_message || conversation.messages.empty()) return;
  if (conversation.adds_generation_prompt) {
    fields.fail({base::ErrorCode::InvalidRequest,
                 "'continue_final_message' and 'add_generation_prompt' contradict each other: give "
                 "one.",
                 {},
                 "add_generation_prompt",
                 "invalid_value"});
  }
  const std::string& role = conversation.messages.back().role;
  if (role == "assistant") return;
  fields.fail({base::ErrorCode::InvalidRequest,
               "Only a message of the assistant can be continued, but the last one is of the role "
               "'" +
                   role + "'.",
               {},
               "continue_final_message",
               "invalid_value"});
}

void decode_logprobs(Fields& fields, generation::Request& request) {
  const bool wanted = fields.flag("logprobs").value_or(false);
  const auto likeliest = fields.integer("top_logprobs", 0, generation::kMaxLogprobs);
  if (wanted) request.logprobs = static_cast<std::int32_t>(likeliest.value_or(0));
  if (wanted || likeliest.value_or(0) == 0) return;
  fields.fail({base::ErrorCode::InvalidRequest,
               "'top_logprobs' needs 'logprobs' to be true.",
               {},
               "top_logprobs",
               "invalid_value"});
}

}  // namespace

bool decode_conversation(Fields& fields, Conversation& conversation) {
  conversation.messages = decode_messages(fields);
  const bool is_function_style = decode_tools(fields, conversation);
  conversation.output = decode_output_format(fields);
  decode_reasoning(fields, conversation);
  decode_template_arguments(fields, conversation);
  decode_answer_start(fields, conversation);
  return is_function_style;
}

base::Result<ChatRequest> decode_chat_request(std::string_view body,
                                              const RequestDefaults& defaults) {
  const auto object = json::parse_object(body);
  if (!object) return std::unexpected(object.error());
  Fields fields(*object);
  ChatRequest request;
  request.model = decode_model(fields);
  request.is_function_style = decode_conversation(fields, request.conversation);
  request.generation = decode_generation(fields, defaults);
  request.generation.max_tokens = decode_max_tokens(fields, 1, defaults.max_tokens.value_or(-1));
  decode_logprobs(fields, request.generation);
  request.choices = static_cast<std::size_t>(fields.integer("n", 1, kMaxChoices).value_or(1));
  request.stream = fields.flag("stream").value_or(false);
  request.include_usage = decode_include_usage(fields);
  request.returns_token_ids = fields.flag("return_token_ids").value_or(false);
  request.keep_alive_seconds = json::decode_keep_alive(fields);
  refuse_unsupported(fields);
  if (fields.error()) return std::unexpected(*fields.error());
  return request;
}

}  // namespace shimmy::protocol::openai
