#include "scheduler/llama_engine.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "base/machine.h"
#include "grammar/compiler.h"
#include "llama/context.h"
#include "llama/thread_pool.h"
#include "scheduler/chain_sampler.h"
#include "scheduler/claim_part.h"
#include "scheduler/context_forecast.h"
#include "scheduler/embedding_engine.h"
#include "scheduler/free_memory_claim.h"
#include "scheduler/llama_decoder.h"
#include "scheduler/llama_embedder.h"
#include "scheduler/llama_pooler.h"

namespace shimmy::scheduler {
namespace {

using base::Result;

generation::ModelFacts facts_of(const llama::Model& model, std::size_t context_tokens) {
  const llama::ModelFacts& known = model.facts();
  const llama::Vocabulary& vocabulary = model.vocabulary();
  generation::ModelFacts facts;
  facts.name = model.metadata("general.name").value_or("");
  facts.architecture = known.architecture;
  facts.parameters = known.parameters;
  facts.weight_bytes = known.size_bytes;
  facts.context_tokens = context_tokens;
  facts.trained_context_tokens = static_cast<std::size_t>(known.context_tokens);
  facts.chat_template = known.chat_template;
  facts.bos_text = vocabulary.text(vocabulary.bos());
  facts.eos_text = vocabulary.text(vocabulary.eos());
  return facts;
}

// libllama counts with 32 bits.
Result<void> check(const LlamaEngineOptions& options) {
  constexpr std::size_t most = std::numeric_limits<std::int32_t>::max();
  for (const auto& [name, value] : {std::pair{"context_tokens", options.context_tokens},
                                    std::pair{"max_sequences", options.max_sequences}}) {
    if (value > most) {
      return base::fail_field(name, "{} is too large for {}: give {} at most.", value, name, most);
    }
  }
  return {};
}

// The same names in the same order: libllama's folder knows no other of ours.
llama::CacheType cache_type(generation::CacheType type) {
  static_assert(static_cast<int>(llama::CacheType::Q40) ==
                static_cast<int>(generation::CacheType::Q40));
  return static_cast<llama::CacheType>(type);
}

// What the context may grow to if memory allows it.
std::size_t limit_of(const llama::Model& model, const LlamaEngineOptions& options) {
  const auto trained = static_cast<std::size_t>(model.facts().context_tokens);
  const std::size_t wanted = options.context_tokens > 0 ? options.context_tokens : trained;
  return rounded_to_step(wanted > 0 ? wanted : options.first_context_tokens);
}

llama::ContextOptions first_context_options(const llama::Model& model,
                                            const LlamaEngineOptions& options) {
  const std::size_t limit = limit_of(model, options);
  const std::size_t first = std::min(limit, rounded_to_step(options.first_context_tokens));
  llama::ContextOptions context;
  context.context_tokens = static_cast<std::int32_t>(first);
  context.batch_tokens = static_cast<std::int32_t>(std::min(options.max_rows, first));
  context.micro_batch_tokens = context.batch_tokens;
  context.max_sequences = static_cast<std::int32_t>(options.max_sequences);
  context.key_type = cache_type(options.key_type);
  context.value_type = cache_type(options.value_type);
  return context;
}

Result<std::unique_ptr<llama::Context>> make_first_context(ContextParts& parts,
                                                           LlamaEngineOptions& options) {
  if (auto checked = check(options); !checked) return std::unexpected(checked.error());
  if (!options.compute.pool) {
    auto own = make_shared_compute(options.threads, /*gives_way=*/false);
    if (!own) return std::unexpected(own.error());
    options.compute = std::move(*own);
  }
  parts.pool = options.compute.pool;
  parts.options = first_context_options(*parts.model, options);
  return llama::Context::create(parts.model, parts.pool, parts.options);
}

// What is in memory by now is claimed, and limits what the context may grow to.
Result<std::unique_ptr<LlamaDecoder>> make_decoder(std::unique_ptr<llama::Context> first,
                                                   ContextParts parts,
                                                   const LlamaEngineOptions& options) {
  const ContextSample known = measured(*first);
  const std::uint64_t total = known.memory.total();
  parts.memory = options.memory ? options.memory : std::make_shared<FreeMemoryClaim>(total);
  if (!parts.memory->resize(total)) {
    return base::fail(
        base::ErrorCode::ModelLoadFailed,
        "The model takes {} MB with a context of {} tokens, but it can have {} MB: unload other "
        "models, or raise the memory budget.",
        total / 1'000'000, known.cells, parts.memory->limit() / 1'000'000);
  }
  const std::size_t wanted = limit_of(*parts.model, options);
  const bool has_states = first->memory().limits().kind == llama::MemoryKind::Recurrent;
  const std::size_t possible =
      has_states ? wanted : cells_within(known, parts.memory->limit() - known.memory.weights);
  parts.most_cells = std::max(known.cells, std::min(wanted, possible));
  if (parts.most_cells < wanted) {
    parts.log.warning(
        "the context is limited to {} tokens: there is no memory for the {} that the model could "
        "have",
        parts.most_cells, wanted);
  }
  return std::make_unique<LlamaDecoder>(std::move(first), std::move(parts));
}

// A token that sees those after it cannot be the one that is generated.
bool is_encoder(const llama::Context& context) {
  return context.memory().limits().kind == llama::MemoryKind::None ||
         context.model().facts().looks_ahead;
}

EmbeddingEngine::EmbedderFactory embedder_factory(const std::shared_ptr<const llama::Model>& model,
                                                  const LlamaEngineOptions& options,
                                                  bool takes_whole_inputs, std::size_t longest,
                                                  std::shared_ptr<generation::MemoryClaim> memory,
                                                  const base::Logger& log) {
  LlamaEmbedderOptions embedder;
  embedder.memory = std::move(memory);
  embedder.compute = options.compute;
  embedder.longest_input = longest;
  embedder.max_queued = options.engine.max_queued;
  embedder.takes_whole_inputs = takes_whole_inputs;
  return [model, embedder, log] { return make_llama_embedder(model, embedder, log); };
}

std::shared_ptr<generation::Engine> make_encoder_engine(
    const std::shared_ptr<const llama::Model>& model, const LlamaEngineOptions& options,
    std::uint64_t weight_bytes, const base::Logger& log) {
  // Beyond what it was trained with, an encoder has no positions.
  const auto trained = static_cast<std::size_t>(model->facts().context_tokens);
  const std::size_t wanted =
      options.context_tokens > 0 ? std::min(trained, options.context_tokens) : trained;
  const std::size_t longest =
      std::min(wanted, longest_whole_input(model->vocabulary().size(), base::machine_memory()));
  if (longest < wanted) {
    log.warning(
        "inputs of more than {} tokens are refused, where the model takes {}: their outputs "
        "would need more than half of the free memory",
        longest, wanted);
  }
  auto tokenizer = std::make_shared<const LlamaTokenizer>(model);
  // What was claimed for a first context is for that of the embedder.
  const std::uint64_t held = options.memory->bytes();
  ClaimParts memory = split(options.memory, held - std::min(held, weight_bytes));
  return std::make_shared<EmbeddingEngine>(
      std::make_shared<EncoderEngine>(facts_of(*model, longest), std::move(tokenizer),
                                      std::move(memory.first)),
      embedder_factory(model, options, /*takes_whole_inputs=*/true, longest,
                       std::move(memory.second), log));
}

}  // namespace

Result<std::unique_ptr<Decoder>> make_llama_decoder(
    const std::shared_ptr<const llama::Model>& model, LlamaEngineOptions options) {
  ContextParts parts;
  parts.model = model;
  auto context = make_first_context(parts, options);
  if (!context) return std::unexpected(context.error());
  return make_decoder(std::move(*context), std::move(parts), options);
}

Result<std::shared_ptr<generation::Engine>> make_llama_engine(
    const std::shared_ptr<const llama::Model>& model, LlamaEngineOptions options,
    const base::Logger& log) {
  ContextParts context_parts;
  context_parts.model = model;
  context_parts.log = log.named("scheduler");
  auto context = make_first_context(context_parts, options);
  if (!context) return std::unexpected(context.error());
  const std::uint64_t weight_bytes = measured(**context).memory.weights;
  if (!options.memory) options.memory = std::make_shared<FreeMemoryClaim>(weight_bytes);
  if (is_encoder(**context)) return make_encoder_engine(model, options, weight_bytes, log);
  const ClaimParts memory = split(std::move(options.memory), 0);
  options.memory = memory.first;
  auto decoder = make_decoder(std::move(*context), std::move(context_parts), options);
  if (!decoder) return std::unexpected(decoder.error());
  const std::size_t cells = (*decoder)->limits().cells;
  auto tokenizer = std::make_shared<const LlamaTokenizer>(model);
  EngineParts parts;
  parts.decoder = std::move(*decoder);
  parts.tokenizer = tokenizer;
  auto compiler = std::make_shared<grammar::Compiler>(tokenizer);
  parts.make_sampler = [model, tokenizer, cells, compiler](const generation::Request& request) {
    return make_sampler(request, *tokenizer, model->vocabulary(), cells, *compiler);
  };
  parts.facts = facts_of(*model, cells);
  parts.turns = options.compute.turns;
  parts.log = log.named("scheduler");
  return std::make_shared<EmbeddingEngine>(
      std::make_shared<LocalEngine>(std::move(parts), options.engine),
      embedder_factory(model, options, /*takes_whole_inputs=*/false, cells, memory.second, log));
}

}  // namespace shimmy::scheduler
