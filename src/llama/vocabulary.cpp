#include "llama/vocabulary.h"

#include <llama.h>

#include <algorithm>
#include <exception>
#include <limits>

namespace shimmy::llama {
namespace {

constexpr std::size_t kMaxTextBytes = std::size_t{1} << 30;
constexpr std::size_t kRoomForSpecials = 8;

}  // namespace

Vocabulary::Vocabulary(const llama_vocab* vocab)
    : vocab_(vocab),
      size_(llama_vocab_n_tokens(vocab)),
      has_tokenizer_(llama_vocab_type(vocab) != LLAMA_VOCAB_TYPE_NONE),
      bos_(has_tokenizer_ ? llama_vocab_bos(vocab) : kNoToken),
      eos_(has_tokenizer_ ? llama_vocab_eos(vocab) : kNoToken) {
  for (Token token = 0; has_tokenizer_ && token < size_; ++token) {
    if (llama_vocab_is_eog(vocab_, token)) end_tokens_.push_back(token);
  }
}

base::Result<std::vector<Token>> Vocabulary::tokenize(std::string_view text, AddSpecial add_special,
                                                      ParseSpecial parse_special) const {
  if (!has_tokenizer_) {
    return base::fail(base::ErrorCode::InvalidRequest,
                      "this model has no tokenizer: it takes no text");
  }
  if (text.size() > kMaxTextBytes) {
    return base::fail(base::ErrorCode::InvalidRequest,
                      "The text has {} bytes, more than the {} that can be tokenized at once.",
                      text.size(), kMaxTextBytes);
  }
  std::vector<Token> tokens(text.size() + kRoomForSpecials);
  const auto run = [&] {
    return llama_tokenize(vocab_, text.data(), static_cast<std::int32_t>(text.size()),
                          tokens.data(), static_cast<std::int32_t>(tokens.size()),
                          add_special == AddSpecial::Yes, parse_special == ParseSpecial::Yes);
  };
  try {
    std::int32_t count = run();
    if (count < 0 && count != std::numeric_limits<std::int32_t>::min()) {
      tokens.resize(static_cast<std::size_t>(-count));
      count = run();
    }
    if (count < 0) {
      return base::fail(base::ErrorCode::InvalidRequest, "the text has too many tokens to count");
    }
    tokens.resize(static_cast<std::size_t>(count));
    return tokens;
  } catch (const std::exception& error) {
    return base::fail(base::ErrorCode::InvalidRequest, "the text cannot be tokenized: {}",
                      error.what());
  }
}

Vocabulary::PairMarks Vocabulary::pair_marks() const {
  PairMarks marks;
  if (!has_tokenizer_) return marks;
  const Token separator = llama_vocab_sep(vocab_);
  const Token end = eos_ == kNoToken ? separator : eos_;
  if (llama_vocab_get_add_bos(vocab_)) marks.begin.push_back(bos_);
  if (llama_vocab_get_add_eos(vocab_)) {
    marks.middle.push_back(end);
    marks.end.push_back(end);
  }
  if (llama_vocab_get_add_sep(vocab_)) marks.middle.push_back(separator);
  return marks;
}

std::optional<Vocabulary::InfillMarks> Vocabulary::infill_marks() const {
  if (!has_tokenizer_) return std::nullopt;
  const InfillMarks marks{llama_vocab_fim_pre(vocab_), llama_vocab_fim_suf(vocab_),
                          llama_vocab_fim_mid(vocab_)};
  const bool has_all = contains(marks.prefix) && contains(marks.suffix) && contains(marks.middle);
  return has_all ? std::optional(marks) : std::nullopt;
}

std::string Vocabulary::piece(Token token, bool show_special) const {
  if (!has_tokenizer_ || !contains(token)) return {};
  std::string bytes(32, '\0');
  const auto run = [&] {
    return llama_token_to_piece(vocab_, token, bytes.data(),
                                static_cast<std::int32_t>(bytes.size()), /*lstrip=*/0,
                                show_special);
  };
  std::int32_t length = run();
  if (length < 0) {
    bytes.resize(static_cast<std::size_t>(-length));
    length = run();
  }
  bytes.resize(static_cast<std::size_t>(std::max(length, 0)));
  return bytes;
}

std::string Vocabulary::text(Token token) const {
  if (!has_tokenizer_ || !contains(token)) return {};
  return llama_vocab_get_text(vocab_, token);
}

bool Vocabulary::is_end_of_generation(Token token) const {
  return has_tokenizer_ && contains(token) && llama_vocab_is_eog(vocab_, token);
}

}  // namespace shimmy::llama
