#include "llama/handles.h"

#include <ggml-cpu.h>
#include <llama.h>

namespace shimmy::llama {

void Free::operator()(ggml_threadpool* pool) const noexcept { ggml_threadpool_free(pool); }
void Free::operator()(llama_context* context) const noexcept { llama_free(context); }
void Free::operator()(llama_model* model) const noexcept { llama_model_free(model); }
void Free::operator()(llama_sampler* sampler) const noexcept { llama_sampler_free(sampler); }

}  // namespace shimmy::llama
