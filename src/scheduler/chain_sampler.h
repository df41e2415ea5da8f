// Everything between greedy and mirostat: libllama's samplers over candidates that we select
// ourselves.
#pragma once

#include <memory>
#include <vector>

#include "base/error.h"
#include "generation/request.h"
#include "generation/tokenizer.h"
#include "grammar/compiler.h"
#include "llama/sampler_chain.h"
#include "llama/vocabulary.h"
#include "scheduler/sampler.h"

namespace shimmy::scheduler {

// The cheapest sampler that does what the request asks: greedy in one pass; top-k by partial
// selection, so that libllama never sees the whole vocabulary; every candidate only where
// penalties, mirostat or top_k = 0 need it. A constraint becomes a mask of the tokens
// that the candidates are taken from; a GBNF grammar that grammar/ cannot read is left to libllama.
// Fails with InvalidRequest for a constraint that nobody can enforce; blocks while one is compiled.
// `vocabulary` and `tokenizer` must outlive it. `context_tokens` is what -1 stands for in
// penalty_last_n and dry_last_n.
base::Result<std::unique_ptr<Sampler>> make_sampler(const generation::Request& request,
                                                    const generation::Tokenizer& tokenizer,
                                                    const llama::Vocabulary& vocabulary,
                                                    std::size_t context_tokens,
                                                    grammar::Compiler& compiler);

}  // namespace shimmy::scheduler
