// From a question on the command line to the tokens of a prompt.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "generation/engine.h"

namespace shimmy::app {

// Chat: the model's own template around the system message (may be empty) and the prompt. Raw: the
// prompt as it stands, in which names of special tokens count.
enum class PromptMode { Chat, Raw };

// Fails with InvalidRequest: no chat template, a template that refuses, an empty prompt.
using PromptEncoder = std::function<base::Result<std::vector<generation::Token>>(
    const generation::Engine& engine, PromptMode mode, std::string_view system,
    std::string_view prompt)>;

base::Result<std::vector<generation::Token>> encode_prompt(const generation::Engine& engine,
                                                           PromptMode mode, std::string_view system,
                                                           std::string_view prompt);

}  // namespace shimmy::app
