#include "protocol/openai/tokenize.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <variant>

#include "base/utf8.h"
#include "protocol/json/fields.h"
#include "protocol/json/text.h"
#include "protocol/openai/conversation.h"
#include "protocol/openai/token_input.h"

namespace shimmy::protocol::openai {
namespace {

using json::Fields;

// A piece that is part of a character has no text.
std::string encode_piece(std::string_view bytes) {
  if (base::is_utf8(bytes)) return json::quoted(bytes);
  std::vector<unsigned> values;
  for (const char byte : bytes) values.push_back(static_cast<unsigned char>(byte));
  return fmt::format("[{}]", fmt::join(values, ","));
}

void decode_text(Fields& fields, TokenizeRequest& request) {
  request.is_vllm_style = fields.find("prompt") != nullptr || fields.find("messages") != nullptr;
  if (fields.find("messages") != nullptr) {
    decode_conversation(fields, request.conversation);
  } else {
    request.text = fields.required_text(request.is_vllm_style ? "prompt" : "content");
  }
}

}  // namespace

base::Result<TokenizeRequest> decode_tokenize_request(std::string_view body) {
  const auto object = json::parse_object(body);
  if (!object) return std::unexpected(object.error());
  Fields fields(*object);
  TokenizeRequest request;
  request.model = fields.text("model").value_or("");
  decode_text(fields, request);
  const bool is_vllm = request.is_vllm_style;
  request.adds_special =
      fields.flag(is_vllm ? "add_special_tokens" : "add_special").value_or(is_vllm);
  request.parses_special = fields.flag("parse_special").value_or(true);
  request.with_pieces = fields.flag(is_vllm ? "return_token_strs" : "with_pieces").value_or(false);
  if (fields.error()) return std::unexpected(*fields.error());
  return request;
}

std::string encode_tokens(const TokenizeRequest& request, std::span<const TokenPiece> pieces,
                          std::size_t context_tokens) {
  std::vector<std::string> items;
  std::vector<std::string> strings;
  for (const TokenPiece& piece : pieces) {
    const bool as_object = request.with_pieces && !request.is_vllm_style;
    items.push_back(
        as_object ? fmt::format(R"({{"id":{},"piece":{}}})", piece.token, encode_piece(piece.bytes))
                  : fmt::format("{}", piece.token));
    if (request.with_pieces) strings.push_back(json::quoted(piece.bytes));
  }
  const std::string tokens = fmt::format(R"("tokens":[{}])", fmt::join(items, ","));
  if (!request.is_vllm_style) return fmt::format("{{{}}}", tokens);
  return fmt::format(R"({{{},"count":{},"max_model_len":{},"token_strs":{}}})", tokens,
                     pieces.size(), context_tokens,
                     request.with_pieces ? fmt::format("[{}]", fmt::join(strings, ",")) : "null");
}

base::Result<DetokenizeRequest> decode_detokenize_request(std::string_view body) {
  const auto object = json::parse_object(body);
  if (!object) return std::unexpected(object.error());
  Fields fields(*object);
  DetokenizeRequest request;
  request.model = fields.text("model").value_or("");
  const boost::json::array* tokens = fields.array("tokens");
  if (tokens == nullptr && fields.ok()) fields.fail_missing("tokens");
  if (tokens != nullptr && !tokens->empty()) {
    for (TextOrTokens& input : decode_token_input(fields, "tokens")) {
      if (auto* list = std::get_if<std::vector<generation::Token>>(&input)) {
        request.tokens.insert(request.tokens.end(), list->begin(), list->end());
      } else {
        fields.fail_type("tokens", "an array of token ids", *fields.find("tokens"));
      }
    }
  }
  if (fields.error()) return std::unexpected(*fields.error());
  return request;
}

std::string encode_detokenized(std::string_view text) {
  return fmt::format(R"({{"content":{0},"prompt":{0}}})", json::quoted(text));
}

base::Result<TemplateRequest> decode_template_request(std::string_view body) {
  const auto object = json::parse_object(body);
  if (!object) return std::unexpected(object.error());
  Fields fields(*object);
  TemplateRequest request;
  request.model = fields.text("model").value_or("");
  decode_conversation(fields, request.conversation);
  if (fields.error()) return std::unexpected(*fields.error());
  return request;
}

std::string encode_prompt(std::string_view prompt) {
  return fmt::format(R"({{"prompt":{}}})", json::quoted(prompt));
}

}  // namespace shimmy::protocol::openai
