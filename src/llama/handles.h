// Owning pointers to libllama's objects, so that our headers need none of its own.
#pragma once

#include <memory>

struct ggml_threadpool;
struct llama_adapter_lora;  // NOLINT(readability-identifier-naming): libllama's name
struct llama_context;
struct llama_memory_i;
struct llama_model;
struct llama_sampler;  // NOLINT(readability-identifier-naming): libllama's name
struct llama_vocab;

namespace shimmy::llama {

struct Free {
  void operator()(ggml_threadpool* pool) const noexcept;
  void operator()(llama_context* context) const noexcept;
  void operator()(llama_model* model) const noexcept;
  void operator()(llama_sampler* sampler) const noexcept;
};

using ThreadPoolHandle = std::unique_ptr<ggml_threadpool, Free>;
using ContextHandle = std::unique_ptr<llama_context, Free>;
using ModelHandle = std::unique_ptr<llama_model, Free>;
using SamplerHandle = std::unique_ptr<llama_sampler, Free>;

}  // namespace shimmy::llama
