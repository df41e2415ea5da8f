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
#include "scheduler/embedding_engine.h"
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
  for (const auto& [name, value] :
       {std::pair{"context_tokens", options.context_tokens},
        std::pair{"max_sequences", options.max_sequences}, std::pair{"threads", options.threads}}) {
    if (value > most) {
      return base::fail_field(name, "{} is too large for {}: give {} at most.", value, name, most);
    }
  }
  return {};
}

std::size_t threads_of(const LlamaEngineOptions& options) {
  return options.threads > 0 ? options.threads : base::usable_cores();
}

llama::ContextOptions context_options(const llama::Model& model,
                                      const LlamaEngineOptions& options) {
  const auto trained = static_cast<std::size_t>(model.facts().context_tokens);
  const std::size_t wanted = options.context_tokens > 0
                                 ? options.context_tokens
                                 : std::min(trained, options.default_context_tokens);
  llama::ContextOptions context;
  context.context_tokens = static_cast<std::int32_t>(wanted);
  context.batch_tokens = static_cast<std::int32_t>(std::min(options.max_rows, wanted));
  context.micro_batch_tokens = context.batch_tokens;
  context.max_sequences = static_cast<std::int32_t>(options.max_sequences);
  return context;
}

Result<std::unique_ptr<llama::Context>> make_context(
    const std::shared_ptr<const llama::Model>& model, const LlamaEngineOptions& options) {
  if (auto checked = check(options); !checked) return std::unexpected(checked.error());
  auto pool = llama::ThreadPool::create({static_cast<std::int32_t>(threads_of(options)), {}});
  if (!pool) return std::unexpected(pool.error());
  return llama::Context::create(model, *pool, context_options(*model, options));
}

// A token that sees those after it cannot be the one that is generated.
bool is_encoder(const llama::Context& context) {
  return context.memory().limits().kind == llama::MemoryKind::None ||
         context.model().facts().looks_ahead;
}

EmbeddingEngine::EmbedderFactory embedder_factory(const std::shared_ptr<const llama::Model>& model,
                                                  const LlamaEngineOptions& options,
                                                  bool takes_whole_inputs, std::size_t longest,
                                                  const base::Logger& log) {
  LlamaEmbedderOptions embedder;
  embedder.threads = threads_of(options);
  embedder.longest_input = longest;
  embedder.max_queued = options.engine.max_queued;
  embedder.takes_whole_inputs = takes_whole_inputs;
  return [model, embedder, log] { return make_llama_embedder(model, embedder, log); };
}

std::shared_ptr<generation::Engine> make_encoder_engine(
    const std::shared_ptr<const llama::Model>& model, const LlamaEngineOptions& options,
    const base::Logger& log) {
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
  return std::make_shared<EmbeddingEngine>(
      std::make_shared<EncoderEngine>(facts_of(*model, longest), std::move(tokenizer)),
      embedder_factory(model, options, /*takes_whole_inputs=*/true, longest, log));
}

}  // namespace

Result<std::unique_ptr<Decoder>> make_llama_decoder(
    const std::shared_ptr<const llama::Model>& model, const LlamaEngineOptions& options) {
  auto context = make_context(model, options);
  if (!context) return std::unexpected(context.error());
  return std::make_unique<LlamaDecoder>(std::move(*context));
}

Result<std::shared_ptr<generation::Engine>> make_llama_engine(
    const std::shared_ptr<const llama::Model>& model, const LlamaEngineOptions& options,
    const base::Logger& log) {
  auto context = make_context(model, options);
  if (!context) return std::unexpected(context.error());
  if (is_encoder(**context)) return make_encoder_engine(model, options, log);
  auto decoder = std::make_unique<LlamaDecoder>(std::move(*context));
  const std::size_t cells = decoder->limits().cells;
  if (options.context_tokens > 0 && cells != options.context_tokens) {
    log.info("a context of {} tokens is rounded to {}, which libllama can make",
             options.context_tokens, cells);
  }
  auto tokenizer = std::make_shared<const LlamaTokenizer>(model);
  EngineParts parts;
  parts.decoder = std::move(decoder);
  parts.tokenizer = tokenizer;
  auto compiler = std::make_shared<grammar::Compiler>(tokenizer);
  parts.make_sampler = [model, tokenizer, cells, compiler](const generation::Request& request) {
    return make_sampler(request, *tokenizer, model->vocabulary(), cells, *compiler);
  };
  parts.facts = facts_of(*model, cells);
  parts.log = log.named("scheduler");
  return std::make_shared<EmbeddingEngine>(
      std::make_shared<LocalEngine>(std::move(parts), options.engine),
      embedder_factory(model, options, /*takes_whole_inputs=*/false, cells, log));
}

}  // namespace shimmy::scheduler
