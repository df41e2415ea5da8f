// shimmy pull: gets a model from the hub, from Ollama's registry or from an address.
#pragma once

#include <filesystem>
#include <string>

#include "cli/command.h"
#include "cli/services.h"
#include "cli/terminal.h"

namespace shimmy::cli {

struct PullOptions {
  std::string reference;
  std::string quantization;  // empty: the reference's, else what the user chooses, else the usual
  bool json = false;         // one JSON object a line: events, then the outcome
  bool yes = false;          // ask nothing
  std::string directory;     // empty: shimmy's own
};

// What the catalog calls a model that was pulled to `directory`, as in PullOptions; its path where
// it has no name.
std::string pulled_name(const std::filesystem::path& model, const std::string& directory,
                        const Services& services);

// Returns the exit code.
int pull(const PullOptions& options, Terminal& terminal, const Services& services);

Command pull_command();

}  // namespace shimmy::cli
