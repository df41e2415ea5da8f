// shimmy generate: text from a model.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/options.h"
#include "cli/command.h"
#include "cli/services.h"
#include "cli/terminal.h"
#include "generation/request.h"

namespace shimmy::cli {

enum class PromptStyle { Auto, Chat, Raw };  // Auto: Chat where the model has a template

struct GenerateOptions {
  std::string model;   // name or path; empty: choose_model decides
  std::string prompt;  // "-" or empty: from stdin
  std::string system;
  PromptStyle style = PromptStyle::Auto;
  std::int32_t max_tokens = -1;  // -1: until the model ends or the context is full
  generation::Sampling sampling;
  std::vector<std::string> stop;
  bool json = false;   // one object at the end in place of text as it comes
  bool stats = false;  // speeds on stderr
  std::vector<std::string> model_dirs;
  app::ModelOptions engine;
};

// Returns the exit code.
int generate(const GenerateOptions& options, Terminal& terminal, const Services& services);

Command generate_command();

}  // namespace shimmy::cli
