#include "scheduler/llama_embedder.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scheduler/llama_pooler.h"
#include "scheduler/local_embedder.h"

namespace shimmy::scheduler {
namespace {

using generation::Token;

generation::Pooling pooling_of(llama::Pooling pooling) {
  switch (pooling) {
    case llama::Pooling::Cls: return generation::Pooling::Cls;
    case llama::Pooling::Last: return generation::Pooling::Last;
    case llama::Pooling::Rank: return generation::Pooling::Rank;
    case llama::Pooling::Mean:
    case llama::Pooling::None: break;
  }
  return generation::Pooling::Mean;
}

// Text from users: no special tokens in it.
std::vector<Token> plain(const llama::Vocabulary& vocabulary, std::string_view text) {
  return vocabulary.tokenize(text, llama::AddSpecial::No, llama::ParseSpecial::No)
      .value_or(std::vector<Token>{});
}

// The template's own text may name special tokens, what is put into it may not.
std::vector<Token> fill(const llama::Model& model, std::string_view query,
                        std::string_view document) {
  constexpr std::string_view kQuery = "{query}";
  constexpr std::string_view kDocument = "{document}";
  const llama::Vocabulary& vocabulary = model.vocabulary();
  std::vector<Token> tokens;
  const auto add = [&](const std::vector<Token>& more) {
    tokens.insert(tokens.end(), more.begin(), more.end());
  };
  std::string_view rest = model.facts().rerank_template;
  while (!rest.empty()) {
    const std::size_t place = std::min(rest.find(kQuery), rest.find(kDocument));
    const std::string_view fixed = rest.substr(0, place);
    add(vocabulary.tokenize(fixed, llama::AddSpecial::No, llama::ParseSpecial::Yes)
            .value_or(std::vector<Token>{}));
    rest.remove_prefix(fixed.size());
    if (rest.empty()) break;
    const bool is_query = rest.starts_with(kQuery);
    add(plain(vocabulary, is_query ? query : document));
    rest.remove_prefix(is_query ? kQuery.size() : kDocument.size());
  }
  return tokens;
}

std::vector<Token> encode_pair(const llama::Model& model, std::string_view query,
                               std::string_view document) {
  if (!model.facts().rerank_template.empty()) return fill(model, query, document);
  const llama::Vocabulary::PairMarks marks = model.vocabulary().pair_marks();
  std::vector<Token> tokens = marks.begin;
  for (const auto& part : {plain(model.vocabulary(), query), marks.middle,
                           plain(model.vocabulary(), document), marks.end}) {
    tokens.insert(tokens.end(), part.begin(), part.end());
  }
  return tokens;
}

}  // namespace

std::shared_ptr<generation::Embedder> make_llama_embedder(
    const std::shared_ptr<const llama::Model>& model, const LlamaEmbedderOptions& options,
    const base::Logger& log) {
  LlamaPoolerOptions pooler;
  pooler.compute = options.compute;
  pooler.longest_input = options.longest_input;
  pooler.takes_whole_inputs = options.takes_whole_inputs;
  pooler.memory = options.memory;
  const llama::Pooling pooling = effective_pooling(model->facts());
  EmbedderParts parts;
  parts.pooler = std::make_unique<LlamaPooler>(model, pooler);
  parts.facts = {static_cast<std::size_t>(model->facts().pooled_size), pooling_of(pooling),
                 options.longest_input};
  parts.vocabulary_size = model->vocabulary().size();
  parts.max_queued = options.max_queued;
  parts.log = log.named("embedder");
  if (pooling == llama::Pooling::Rank) {
    parts.encode_pair = [model](std::string_view query, std::string_view document) {
      return encode_pair(*model, query, document);
    };
  }
  return std::make_shared<LocalEmbedder>(std::move(parts));
}

}  // namespace shimmy::scheduler
