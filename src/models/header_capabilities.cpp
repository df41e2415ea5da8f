#include "models/header_capabilities.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "gguf/value.h"

namespace shimmy::models {
namespace {

using gguf::Metadata;

// The numbers of llama_pooling_type.
constexpr std::uint64_t kPoolingNone = 0;
constexpr std::uint64_t kPoolingRank = 4;

// Architectures that are encoders whatever their files say.
bool is_encoder(std::string_view architecture) {
  constexpr std::array<std::string_view, 10> kEncoders{
      "bert",     "modern-bert",  "nomic-bert",   "nomic-bert-moe", "neo-bert",
      "eurobert", "jina-bert-v2", "jina-bert-v3", "t5encoder",      "gemma-embedding"};
  return std::ranges::find(kEncoders, architecture) != kEncoders.end();
}

bool has_classifier(const gguf::Header& header) {
  return std::ranges::any_of(header.tensors, [](const gguf::Tensor& tensor) {
    return tensor.name == "cls.output.weight" || tensor.name == "cls.weight";
  });
}

// The tokens around a gap, by the texts that libllama knows them by: before, after, between.
constexpr std::array<std::array<std::string_view, 8>, 3> kInfillTokens{{
    {"<|fim_prefix|>", "<fim-prefix>", "<fim_prefix>", "<｜fim▁begin｜>", "<PRE>", "▁<PRE>",
     "<|code_prefix|>", "<|prefix|>"},
    {"<|fim_suffix|>", "<fim-suffix>", "<fim_suffix>", "<｜fim▁hole｜>", "<SUF>", "▁<SUF>",
     "<|code_suffix|>", "<|suffix|>"},
    {"<|fim_middle|>", "<fim-middle>", "<fim_middle>", "<｜fim▁end｜>", "<MID>", "▁<MID>",
     "<|code_middle|>", "<|middle|>"},
}};
constexpr std::array<std::array<std::string_view, 2>, 3> kInfillKeys{{
    {"tokenizer.ggml.fim_pre_token_id", "tokenizer.ggml.prefix_token_id"},
    {"tokenizer.ggml.fim_suf_token_id", "tokenizer.ggml.suffix_token_id"},
    {"tokenizer.ggml.fim_mid_token_id", "tokenizer.ggml.middle_token_id"},
}};

// Most of a vocabulary is passed over quickly, by length and last letter.
void note_infill_token(std::string_view token, std::array<bool, 3>& found) {
  constexpr std::size_t longest = 20;
  if (token.size() < 5 || token.size() > longest || token.back() != '>') return;
  for (std::size_t i = 0; i < found.size(); ++i) {
    found[i] = found[i] || std::ranges::find(kInfillTokens[i], token) != kInfillTokens[i].end();
  }
}

bool has_infill_tokens(const Metadata& metadata) {
  std::array<bool, 3> found{};
  for (std::size_t i = 0; i < found.size(); ++i) {
    found[i] = std::ranges::any_of(
        kInfillKeys[i], [&](std::string_view key) { return metadata.find(key) != nullptr; });
  }
  const gguf::Array* tokens = metadata.array_at("tokenizer.ggml.tokens");
  if (tokens != nullptr && tokens->element == gguf::ValueType::String) {
    gguf::for_each_string(*tokens,
                          [&found](std::string_view token) { note_infill_token(token, found); });
  }
  return found[0] && found[1] && found[2];
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// `name` as a variable: a word of its own, no member and no text in quotes.
bool uses_variable(std::string_view code, std::string_view name) {
  for (std::size_t at = code.find(name); at != std::string_view::npos;
       at = code.find(name, at + 1)) {
    const char before = at == 0 ? ' ' : code[at - 1];
    const std::size_t end = at + name.size();
    const char after = end == code.size() ? ' ' : code[end];
    const std::string_view not_variable = ".'\"";
    if (!is_word(before) && !is_word(after) && !not_variable.contains(before)) return true;
  }
  return false;
}

}  // namespace

bool writes_tools(std::string_view chat_template) {
  // Only between the marks of Jinja: prose may speak of tools, too.
  for (std::size_t at = 0; (at = chat_template.find('{', at)) != std::string_view::npos;) {
    const std::string_view open = chat_template.substr(at, 2);
    if (open != "{{" && open != "{%") {
      ++at;
      continue;
    }
    const std::string_view close = open == "{{" ? "}}" : "%}";
    at += 2;
    const std::size_t end = std::min(chat_template.find(close, at), chat_template.size());
    if (uses_variable(chat_template.substr(at, end - at), "tools")) return true;
    at = end;
  }
  return false;
}

bool knows_thoughts(std::string_view chat_template) {
  constexpr std::array<std::string_view, 11> kMarks{"<think>",
                                                    "</think>",
                                                    "[THINK]",
                                                    "<|START_THINKING|>",
                                                    "<seed:think>",
                                                    "<|channel|>analysis",
                                                    "enable_thinking",
                                                    "reasoning_content",
                                                    "reasoning_effort",
                                                    "thinking_budget",
                                                    "<|begin_of_thought|>"};
  return std::ranges::any_of(kMarks, [chat_template](std::string_view mark) {
    return chat_template.find(mark) != std::string_view::npos;
  });
}

Capabilities capabilities_of(const gguf::Header& header, const gguf::Description& description) {
  const auto pooling =
      header.metadata.unsigned_at(fmt::format("{}.pooling_type", description.architecture));
  Capabilities result;
  result.rerank = pooling == kPoolingRank || has_classifier(header);
  result.embeddings = !result.rerank && (is_encoder(description.architecture) ||
                                         pooling.value_or(kPoolingNone) != kPoolingNone);
  result.chat = !description.chat_template.empty() && !result.embeddings && !result.rerank;
  result.tools = result.chat && writes_tools(description.chat_template);
  result.reasoning = result.chat && knows_thoughts(description.chat_template);
  result.infill = has_infill_tokens(header.metadata);
  return result;
}

}  // namespace shimmy::models
