#include "support/reference_loop.h"

#include <ggml-cpu.h>
#include <llama-cpp.h>

#include <algorithm>
#include <stdexcept>

namespace shimmy::support {
namespace {

struct Row {
  std::int32_t token = 0;
  std::int32_t position = 0;
  std::int32_t sequence = 0;
  bool wants_logits = false;
};

}  // namespace

struct ReferenceLoop::State {
  ReferenceOptions options;
  ggml_threadpool* pool = nullptr;
  llama_model_ptr model;
  llama_context_ptr context;
  const llama_vocab* vocabulary = nullptr;

  ~State() {
    context.reset();
    if (pool != nullptr) ggml_threadpool_free(pool);
  }

  std::span<const float> logits(std::size_t row) const {
    const float* values = llama_get_logits_ith(context.get(), static_cast<std::int32_t>(row));
    if (values == nullptr) throw std::runtime_error("reference: no logits");
    return {values, static_cast<std::size_t>(llama_vocab_n_tokens(vocabulary))};
  }

  Rows decode(const std::vector<Row>& rows) const {
    Rows result;
    decode(rows, [&](std::size_t, std::span<const float> row) {
      result.emplace_back(row.begin(), row.end());
    });
    return result;
  }

  // Decodes the rows in batches and hands out the logits of those that want them, in order.
  void decode(const std::vector<Row>& rows,
              const std::function<void(std::size_t, std::span<const float>)>& visit) const {
    const auto most = static_cast<std::size_t>(options.batch_tokens);
    for (std::size_t begin = 0; begin < rows.size(); begin += most) {
      const std::size_t end = std::min(begin + most, rows.size());
      llama_batch batch = llama_batch_init(options.batch_tokens, 0, 1);
      for (std::size_t i = begin; i < end; ++i) {
        const std::int32_t at = batch.n_tokens++;
        batch.token[at] = rows[i].token;
        batch.pos[at] = rows[i].position;
        batch.n_seq_id[at] = 1;
        batch.seq_id[at][0] = rows[i].sequence;
        batch.logits[at] = rows[i].wants_logits ? 1 : 0;
      }
      const std::int32_t status = llama_decode(context.get(), batch);
      llama_batch_free(batch);
      if (status != 0) throw std::runtime_error("reference: llama_decode failed");
      for (std::size_t i = begin; i < end; ++i) {
        if (rows[i].wants_logits) visit(i, logits(i - begin));
      }
    }
  }
};

ReferenceLoop::ReferenceLoop(const std::filesystem::path& model, const ReferenceOptions& options)
    : state_(std::make_unique<State>()) {
  state_->options = options;
  llama_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
  state_->model.reset(llama_model_load_from_file(model.c_str(), llama_model_default_params()));
  if (!state_->model) throw std::runtime_error("reference: cannot load " + model.string());
  state_->vocabulary = llama_model_get_vocab(state_->model.get());

  llama_context_params params = llama_context_default_params();
  params.n_ctx = static_cast<std::uint32_t>(options.context_tokens);
  params.n_batch = params.n_ubatch = static_cast<std::uint32_t>(options.batch_tokens);
  params.n_seq_max = static_cast<std::uint32_t>(options.max_sequences);
  params.n_outputs_max = static_cast<std::uint32_t>(options.max_outputs);
  params.n_threads = params.n_threads_batch = options.threads;
  params.kv_unified = true;
  params.no_perf = true;
  if (options.exact) {
    params.type_k = params.type_v = GGML_TYPE_F32;
    params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
  }
  state_->context.reset(llama_init_from_model(state_->model.get(), params));
  if (!state_->context) throw std::runtime_error("reference: cannot make a context");

  ggml_threadpool_params threads = ggml_threadpool_params_default(options.threads);
  threads.poll = 0;
  state_->pool = ggml_threadpool_new(&threads);
  llama_attach_threadpool(state_->context.get(), state_->pool, state_->pool);
}

ReferenceLoop::~ReferenceLoop() = default;

Tokens ReferenceLoop::tokenize(const std::string& text) const {
  Tokens tokens(text.size() + 8);
  const std::int32_t count =
      llama_tokenize(state_->vocabulary, text.data(), static_cast<std::int32_t>(text.size()),
                     tokens.data(), static_cast<std::int32_t>(tokens.size()), true, false);
  if (count < 0) throw std::runtime_error("reference: cannot tokenize");
  tokens.resize(static_cast<std::size_t>(count));
  return tokens;
}

void ReferenceLoop::read(const Tokens& text,
                         const std::function<void(std::size_t, std::span<const float>)>& visit) {
  llama_memory_clear(llama_get_memory(state_->context.get()), false);
  std::vector<Row> rows;
  for (const std::int32_t token : text) {
    rows.push_back({token, static_cast<std::int32_t>(rows.size()), 0, true});
  }
  state_->decode(rows, visit);
}

ReferenceLoop::Generated ReferenceLoop::alone(const Tokens& prompt, std::size_t count) {
  llama_memory_clear(llama_get_memory(state_->context.get()), false);
  std::vector<Row> rows;
  for (const std::int32_t token : prompt)
    rows.push_back({token, static_cast<std::int32_t>(rows.size()), 0, false});
  rows.back().wants_logits = true;
  Generated generated;
  auto position = static_cast<std::int32_t>(prompt.size());
  while (true) {
    generated.logits.push_back(state_->decode(rows).front());
    const auto& last = generated.logits.back();
    generated.tokens.push_back(
        static_cast<std::int32_t>(std::ranges::max_element(last) - last.begin()));
    if (generated.tokens.size() == count) return generated;
    rows = {{generated.tokens.back(), position++, 0, true}};
  }
}

std::vector<Rows> ReferenceLoop::together(const std::vector<Tokens>& prompts,
                                          const std::vector<Tokens>& continuations) {
  llama_memory_clear(llama_get_memory(state_->context.get()), false);
  std::vector<Row> rows;
  for (std::size_t sequence = 0; sequence < prompts.size(); ++sequence) {
    for (std::size_t i = 0; i < prompts[sequence].size(); ++i) {
      rows.push_back({prompts[sequence][i], static_cast<std::int32_t>(i),
                      static_cast<std::int32_t>(sequence), i + 1 == prompts[sequence].size()});
    }
  }
  std::vector<Rows> result(prompts.size());
  for (std::size_t step = 0; step < continuations.front().size(); ++step) {
    if (step > 0) {
      rows.clear();
      for (std::size_t sequence = 0; sequence < prompts.size(); ++sequence) {
        rows.push_back({continuations[sequence][step - 1],
                        static_cast<std::int32_t>(prompts[sequence].size() + step - 1),
                        static_cast<std::int32_t>(sequence), true});
      }
    }
    Rows logits = state_->decode(rows);
    for (std::size_t sequence = 0; sequence < prompts.size(); ++sequence) {
      result[sequence].push_back(std::move(logits[sequence]));
    }
  }
  return result;
}

}  // namespace shimmy::support
