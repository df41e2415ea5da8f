// shimmy run: a chat with a model, or one question to it.
#pragma once

#include <string>
#include <vector>

#include "app/options.h"
#include "cli/command.h"
#include "models/model_defaults.h"

namespace shimmy::cli {

struct ChatOptions {
  std::string model;                // name or path; empty: choose_model decides
  std::vector<std::string> prompt;  // words; empty: a chat, or what stdin says
  std::string system;
  models::ModelDefaults settings;
  std::string server;
  bool local = false;    // in this process, whatever runs
  bool verbose = false;  // speeds after each answer
  std::vector<std::string> model_dirs;
  app::ModelOptions engine;
};

// Takes a running server where one has the model, else loads it here. Returns the exit code.
int chat(const ChatOptions& options, Terminal& terminal, const Services& services);

Command run_command();

}  // namespace shimmy::cli
