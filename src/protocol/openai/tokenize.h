// The bodies of POST /tokenize, /detokenize and /apply-template, as llama.cpp's server and vLLM
// spell them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "chat/conversation.h"
#include "generation/request.h"

namespace shimmy::protocol::openai {

struct TokenizeRequest {
  std::string model;  // empty: not named
  std::string text;
  chat::Conversation conversation;  // in place of `text` where it has messages
  bool adds_special = false;        // BOS, as the model wants it
  bool parses_special = true;       // names of special tokens in the text are those tokens
  bool with_pieces = false;         // the tokens' own text, too
  bool is_vllm_style = false;
};

// {"content","add_special","parse_special","with_pieces"}, or
// {"prompt" or "messages","add_special_tokens","return_token_strs"}.
base::Result<TokenizeRequest> decode_tokenize_request(std::string_view body);

struct TokenPiece {
  generation::Token token = 0;
  std::string bytes;
};

std::string encode_tokens(const TokenizeRequest& request, std::span<const TokenPiece> pieces,
                          std::size_t context_tokens);

struct DetokenizeRequest {
  std::string model;  // empty: not named
  std::vector<generation::Token> tokens;
};

base::Result<DetokenizeRequest> decode_detokenize_request(std::string_view body);

std::string encode_detokenized(std::string_view text);

struct TemplateRequest {
  std::string model;  // empty: not named
  chat::Conversation conversation;
};

// Takes what a chat request says of the conversation.
base::Result<TemplateRequest> decode_template_request(std::string_view body);

std::string encode_prompt(std::string_view prompt);

}  // namespace shimmy::protocol::openai
