#include "gguf/vocabulary_check.h"

#include <array>
#include <cstdint>
#include <optional>

#include "gguf/field.h"
#include "gguf/text.h"
#include "gguf/token_texts.h"

namespace shimmy::gguf {
namespace {

// Sixteen times the largest vocabulary known.
constexpr std::uint64_t kMostTokens = 1ULL << 22;
constexpr std::uint32_t kByteTokenType = 6;

// What libllama takes a tokenizer to add around a text, and which token it falls back to.
struct Tokenizer {
  std::string_view name;
  bool adds_bos;
  std::optional<std::uint32_t> default_bos;
  bool adds_eos;
  std::optional<std::uint32_t> default_eos;
};

constexpr std::array<Tokenizer, 6> kTokenizers{{
    {"llama", true, 1, false, 2},
    {"bert", true, 101, false, std::nullopt},
    {"gpt2", true, 11, false, 11},  // adds one for some of its pre-tokenizers
    {"gemma4", true, std::nullopt, false, std::nullopt},
    {"t5", false, std::nullopt, true, 1},
    {"plamo2", false, 1, false, 2},
}};

const Tokenizer& tokenizer_named(std::string_view name) {
  constexpr static Tokenizer kOther{{}, false, std::nullopt, false, std::nullopt};
  for (const Tokenizer& tokenizer : kTokenizers) {
    if (tokenizer.name == name) return tokenizer;
  }
  return kOther;
}

base::Result<void> check_per_token_array(const Metadata& metadata, std::string_view key,
                                         std::uint64_t tokens) {
  const Array* array = metadata.array_at(key);
  if (array == nullptr || array->count >= tokens) return {};
  return refuse("key {} has {} elements: at least one for each of the {} tokens is expected",
                quoted(key), array->count, tokens);
}

base::Result<void> check_special_ids(const Metadata& metadata, std::uint64_t tokens,
                                     std::vector<std::string>& warnings) {
  for (const Entry& entry : metadata.entries()) {
    if (!entry.key.starts_with("tokenizer.ggml.") || !entry.key.ends_with("_token_id")) continue;
    const auto id = entry.value.as_unsigned();
    if (!id || *id < tokens) continue;
    const std::string problem =
        fmt::format("key {} is {}, but the vocabulary has {} tokens (0 to {})", quoted(entry.key),
                    *id, tokens, tokens - 1);
    if (entry.key == "tokenizer.ggml.bos_token_id" || entry.key == "tokenizer.ggml.eos_token_id") {
      return refuse("{}", problem);
    }
    warnings.push_back(problem + "; it is ignored.");
  }
  return {};
}

// libllama aborts with the first prompt when it is to add a token that there is not.
base::Result<void> check_added_token(const Metadata& metadata, std::string_view which,
                                     bool is_added_by_default,
                                     std::optional<std::uint32_t> fallback, std::uint64_t tokens) {
  const std::string flag = fmt::format("tokenizer.ggml.add_{}_token", which);
  const std::string id = fmt::format("tokenizer.ggml.{}_token_id", which);
  const bool is_added = metadata.bool_at(flag).value_or(is_added_by_default);
  const bool exists = metadata.find(id) != nullptr || (fallback && *fallback < tokens);
  if (!is_added || exists) return {};
  return refuse("key {} is missing, although the tokenizer adds that token to every text",
                quoted(id));
}

base::Result<void> check_added_tokens(const Metadata& metadata, std::string_view name,
                                      std::uint64_t tokens) {
  const Tokenizer& tokenizer = tokenizer_named(name);
  if (name == "gemma4" && metadata.find("tokenizer.ggml.bos_token_id") == nullptr) {
    // It adds one whatever the file says.
    return refuse(
        "key 'tokenizer.ggml.bos_token_id' is missing, although the tokenizer 'gemma4' "
        "adds that token to every text");
  }
  auto checked =
      check_added_token(metadata, "bos", tokenizer.adds_bos, tokenizer.default_bos, tokens);
  if (!checked) return checked;
  return check_added_token(metadata, "eos", tokenizer.adds_eos, tokenizer.default_eos, tokens);
}

// Tokens that stand for single bytes: libllama reads the byte out of their text, "<0x0A>".
base::Result<void> check_byte_tokens(const Metadata& metadata, std::string_view tokenizer,
                                     const std::vector<std::string_view>& texts) {
  const Array* types = metadata.array_at("tokenizer.ggml.token_type");
  if (types == nullptr) return {};
  for (std::size_t token = 0; token < texts.size(); ++token) {
    if (element_u32(*types, token) != kByteTokenType) continue;
    if (tokenizer == "bert") {
      return refuse("token {} stands for a byte, which the tokenizer 'bert' does not know", token);
    }
    const bool is_named_otherwise = texts[token].size() < 3 && !texts[token].empty();
    if (is_named_otherwise) {
      return refuse("token {} stands for a byte, but is written {}: the form <0x0A> is expected",
                    token, quoted(texts[token]));
    }
  }
  return {};
}

base::Result<void> check_tokens(const Metadata& metadata, const Array& tokens,
                                std::string_view tokenizer) {
  if (tokens.count == 0) return refuse("key 'tokenizer.ggml.tokens' is empty");
  if (tokens.count > kMostTokens) {
    return refuse("key 'tokenizer.ggml.tokens' has {} elements: at most {} are allowed",
                  tokens.count, kMostTokens);
  }
  for (const std::string_view key : {"tokenizer.ggml.scores", "tokenizer.ggml.token_type"}) {
    if (auto checked = check_per_token_array(metadata, key, tokens.count); !checked) return checked;
  }
  const std::vector<std::string_view> texts = token_texts(tokens);
  if (const auto twice = find_duplicate(texts)) {
    return refuse("tokens {} and {} of the vocabulary are both {}", twice->first, twice->second,
                  quoted(texts[twice->second]));
  }
  return check_byte_tokens(metadata, tokenizer, texts);
}

}  // namespace

base::Result<void> check_vocabulary(const Metadata& metadata, std::string_view architecture,
                                    std::vector<std::string>& warnings) {
  const auto tokenizer = metadata.string_at("tokenizer.ggml.model");
  const Array* tokens = metadata.array_at("tokenizer.ggml.tokens");
  if (!tokenizer && tokens == nullptr) return {};
  if (tokenizer == "none" || tokenizer == "no_vocab") {
    const std::uint64_t size =
        metadata.unsigned_at(fmt::format("{}.vocab_size", architecture)).value_or(0);
    if (size <= kMostTokens) return {};
    return refuse("key '{}.vocab_size' is {}: at most {} is allowed", architecture, size,
                  kMostTokens);
  }
  if (tokens == nullptr) {
    return refuse("key 'tokenizer.ggml.tokens' is missing, although there is a tokenizer");
  }
  const std::string_view name = tokenizer.value_or("");
  if (auto checked = check_tokens(metadata, *tokens, name); !checked) return checked;
  if (auto checked = check_special_ids(metadata, tokens->count, warnings); !checked) {
    return checked;
  }
  return check_added_tokens(metadata, name, tokens->count);
}

}  // namespace shimmy::gguf
