#include "cli/completion.h"

#include <CLI/App.hpp>

#include "cli/completion_scripts.h"
#include "cli/program.h"

namespace shimmy::cli {
namespace {

constexpr const char* kFooter = R"(
Examples:
  source <(shimmy completion bash)                                  in ~/.bashrc
  shimmy completion zsh > "${fpath[1]}/_shimmy"                     once
  shimmy completion fish > ~/.config/fish/completions/shimmy.fish   once)";

void add_flags(CLI::App& app, CompletionOptions& options) {
  app.footer(kFooter);
  app.add_option("bash|zsh|fish", options.shell, "the shell")->type_name("")->required();
}

}  // namespace

int completion(const CompletionOptions& options, Terminal& terminal, const Services& /*none*/) {
  Program program;
  const ProgramDefinition defined = definition(program.app());
  if (options.shell == "bash") return finish(terminal, bash_completion(defined));
  if (options.shell == "zsh") return finish(terminal, zsh_completion(defined));
  if (options.shell == "fish") return finish(terminal, fish_completion(defined));
  print_error(
      terminal,
      base::fail_field("shell", "\"{}\" is no shell that shimmy knows: bash, zsh and fish are.",
                       options.shell)
          .error());
  return 2;
}

Command completion_command() {
  return plain_command<CompletionOptions>(
      "completion", "print what a shell needs to complete command lines", add_flags, completion);
}

}  // namespace shimmy::cli
