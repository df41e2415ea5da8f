#include "protocol/openai/token_input.h"

#include <fmt/format.h>

#include <limits>
#include <optional>
#include <utility>

namespace shimmy::protocol::openai {
namespace {

using generation::Token;
using json::Fields;

std::optional<Token> as_token(const boost::json::value& value) {
  const auto number = json::as_integer(value);
  if (!number || *number < 0 || *number > std::numeric_limits<Token>::max()) return std::nullopt;
  return static_cast<Token>(*number);
}

std::vector<Token> decode_tokens(Fields& fields, const std::string& path,
                                 const boost::json::array& items) {
  std::vector<Token> tokens;
  tokens.reserve(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto token = as_token(items[i]);
    if (!token) {
      fields.fail(json::type_error(fmt::format("{}[{}]", path, i), "a token id", items[i]));
      return {};
    }
    tokens.push_back(*token);
  }
  return tokens;
}

void fail_empty(Fields& fields, std::string path) {
  std::string message = fmt::format("Invalid '{}': no tokens. Expected at least one.", path);
  fields.fail(
      {base::ErrorCode::InvalidRequest, std::move(message), {}, std::move(path), "empty_array"});
}

std::vector<TextOrTokens> decode_texts(Fields& fields, std::string_view key,
                                       const boost::json::array& items) {
  std::vector<TextOrTokens> inputs;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const boost::json::string* text = items[i].if_string();
    if (text == nullptr) {
      fields.fail(json::type_error(fmt::format("{}[{}]", key, i), "a string", items[i]));
      return {};
    }
    inputs.emplace_back(std::string(json::view(*text)));
  }
  return inputs;
}

std::vector<TextOrTokens> decode_token_lists(Fields& fields, std::string_view key,
                                             const boost::json::array& items) {
  std::vector<TextOrTokens> inputs;
  for (std::size_t i = 0; i < items.size() && fields.ok(); ++i) {
    std::string path = fmt::format("{}[{}]", key, i);
    const boost::json::array* list = items[i].if_array();
    if (list == nullptr) {
      fields.fail(json::type_error(std::move(path), "an array of token ids", items[i]));
    } else if (list->empty()) {
      fail_empty(fields, std::move(path));
    } else {
      inputs.emplace_back(decode_tokens(fields, path, *list));
    }
  }
  return inputs;
}

}  // namespace

std::vector<TextOrTokens> decode_token_input(Fields& fields, std::string_view key) {
  const boost::json::value* input = fields.find(key);
  if (input == nullptr) return {};
  if (const auto* text = input->if_string()) return {std::string(json::view(*text))};
  if (!input->is_array()) {
    fields.fail_type(key, "a string, an array of strings or of token ids, or an array of these",
                     *input);
    return {};
  }
  const boost::json::array* items = fields.required_array(key);
  if (items == nullptr) return {};
  if (items->front().is_number()) return {decode_tokens(fields, std::string(key), *items)};
  if (items->size() > kMaxPrompts) {
    fields.fail({base::ErrorCode::InvalidRequest,
                 fmt::format("Invalid '{}': array too long. Expected an array with maximum length "
                             "{}, but got an array with length {} instead.",
                             key, kMaxPrompts, items->size()),
                 {},
                 std::string(key),
                 "array_above_max_length"});
    return {};
  }
  return items->front().is_array() ? decode_token_lists(fields, key, *items)
                                   : decode_texts(fields, key, *items);
}

}  // namespace shimmy::protocol::openai
