#include "chat/prompt.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace shimmy::chat {
namespace {

using generation::SpecialText;
using generation::Token;
using generation::Tokenizer;

// The text that a special token stands for; empty for all others.
std::string special_text(const Tokenizer& tokenizer, Token token) {
  if (!tokenizer.piece(token).empty()) return {};
  return tokenizer.piece(token, /*show_special=*/true);
}

std::string joined(std::span<const PromptPart> parts) {
  std::string text;
  for (const PromptPart& part : parts) text += part.text;
  return text;
}

// Marks the parts from messages that bytes [begin, end) of the whole text touch.
void mark_touched(std::span<const PromptPart> parts, std::size_t begin, std::size_t end,
                  std::vector<bool>& touched) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < parts.size() && at < end; ++i) {
    at += parts[i].text.size();
    if (parts[i].from_message && at > begin) touched[i] = true;
  }
}

// Which parts from messages took part in spelling one of the special tokens of `tokens`. The
// tokenizer turned every spelling into its token, in order, so each is the next one in the text.
std::vector<bool> forged_parts(const Tokenizer& tokenizer, std::span<const Token> tokens,
                               std::string_view text, std::span<const PromptPart> parts) {
  std::vector<bool> forged(parts.size(), false);
  std::size_t cursor = 0;
  for (const Token token : tokens) {
    const std::string special = special_text(tokenizer, token);
    if (special.empty()) continue;
    const std::size_t at = text.find(special, cursor);
    if (at == std::string_view::npos) continue;
    cursor = at + special.size();
    mark_touched(parts, at, cursor, forged);
  }
  return forged;
}

void append(std::vector<Token>& tokens, std::span<const Token> more) {
  tokens.insert(tokens.end(), more.begin(), more.end());
}

// Forged parts as plain text, the runs between them as the whole would be.
std::vector<Token> encode_apart(const Tokenizer& tokenizer, std::span<const PromptPart> parts,
                                const std::vector<bool>& forged) {
  std::vector<Token> tokens;
  std::string run;
  const auto end_run = [&] {
    if (run.empty()) return;
    append(tokens, tokenizer.encode(std::exchange(run, {}), /*begin=*/false, SpecialText::Parse));
  };
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!forged[i]) {
      run += parts[i].text;
      continue;
    }
    end_run();
    append(tokens, tokenizer.encode(parts[i].text, /*begin=*/false, SpecialText::Plain));
  }
  end_run();
  return tokens;
}

// What the model wants before any text: BOS, if anything. What it wants at the end is not for
// prompts.
std::vector<Token> opening_tokens(const Tokenizer& tokenizer) {
  std::vector<Token> tokens = tokenizer.encode("", /*begin=*/true, SpecialText::Parse);
  if (tokens.size() > 1) tokens.erase(tokens.begin() + 1, tokens.end());
  return tokens;
}

bool writes_begin(std::span<const PromptPart> parts, const std::string& bos_text) {
  return !bos_text.empty() && !parts.empty() && !parts.front().from_message &&
         parts.front().text.starts_with(bos_text);
}

}  // namespace

base::Result<std::vector<Token>> encode_prompt(std::span<const PromptPart> parts,
                                               const Tokenizer& tokenizer,
                                               const generation::ModelFacts& facts) {
  const std::string text = joined(parts);
  if (text.empty()) {
    return base::fail_field("messages",
                            "The model's chat template makes an empty prompt of these messages.");
  }
  std::vector<Token> tokens;
  if (!writes_begin(parts, facts.bos_text)) tokens = opening_tokens(tokenizer);
  const std::vector<Token> whole = tokenizer.encode(text, /*begin=*/false, SpecialText::Parse);
  const std::vector<bool> forged = forged_parts(tokenizer, whole, text, parts);
  if (std::ranges::find(forged, true) == forged.end()) append(tokens, whole);
  else append(tokens, encode_apart(tokenizer, parts, forged));
  return tokens;
}

std::vector<Token> special_tokens(std::span<const std::string> names, const Tokenizer& tokenizer) {
  std::vector<Token> found;
  for (const std::string& name : names) {
    const auto tokens = tokenizer.encode(name, /*begin=*/false, SpecialText::Parse);
    if (tokens.size() == 1 && special_text(tokenizer, tokens.front()) == name)
      found.push_back(tokens.front());
  }
  return found;
}

}  // namespace shimmy::chat
