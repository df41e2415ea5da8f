#include "cli/man_page.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "base/utf8.h"

namespace shimmy::cli {
namespace {

// roff's name for a character outside ASCII, which not every roff reads.
std::string named(std::string_view character) {
  constexpr unsigned masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  unsigned code = static_cast<unsigned char>(character[0]) & masks[character.size()];
  for (const char byte : character.substr(1)) {
    code = (code << 6U) | (static_cast<unsigned char>(byte) & 0x3FU);
  }
  return fmt::format("\\[u{:04X}]", code);
}

// Text that roff takes as it stands: a line of its own must not look like a request.
std::string escaped(std::string_view text) {
  std::string result;
  bool starts_line = true;
  for (; !text.empty(); text.remove_prefix(base::first_utf8(text).bytes)) {
    const char c = text[0];
    if (starts_line && (c == '.' || c == '\'')) result += "\\&";
    starts_line = c == '\n';
    const base::Utf8Part part = base::first_utf8(text);
    if (part.kind == base::Utf8::Whole && part.bytes > 1) {
      result += named(text.substr(0, part.bytes));
      continue;
    }
    switch (c) {
      case '\\': result += "\\e"; break;
      case '-': result += "\\-"; break;
      case '\'': result += "\\(aq"; break;
      case '`': result += "\\(ga"; break;
      case '^': result += "\\(ha"; break;
      case '~': result += "\\(ti"; break;
      default: result += c;
    }
  }
  return result;
}

std::string bold(const std::string& text) { return "\\fB" + escaped(text) + "\\fR"; }
std::string italic(const std::string& text) { return "\\fI" + escaped(text) + "\\fR"; }

std::string verbatim(const std::string& text) {
  return ".PP\n.nf\n.RS\n" + escaped(text) + "\n.RE\n.fi\n";
}

// The examples of a footer, which begin below the line that says so.
std::string examples(const std::string& footer) {
  constexpr std::string_view title = "Examples:\n";
  const std::size_t begin = footer.find(title);
  if (begin == std::string::npos) return {};
  std::string lines;
  std::istringstream stream(footer.substr(begin + title.size()));
  for (std::string line; std::getline(stream, line) && line.starts_with("  ");) {
    lines += (lines.empty() ? "" : "\n") + line.substr(2);
  }
  return lines.empty() ? "" : verbatim(lines);
}

// The first letter large, as a sentence begins.
std::string capital(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') {
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  }
  return text;
}

std::string flag_text(const FlagDefinition& flag) {
  std::vector<std::string> names;
  std::ranges::transform(flag.names, std::back_inserter(names), bold);
  std::string text = fmt::format(".TP\n{}", fmt::join(names, ", "));
  if (!flag.value.empty()) text += " " + italic(flag.value);
  text += '\n' + capital(escaped(flag.description));
  if (!flag.variable.empty()) text += fmt::format(" (environment: {})", bold(flag.variable));
  return text + ".\n";
}

std::string positional_text(const PositionalDefinition& positional) {
  return fmt::format(".TP\n{}\n{}.\n", italic(positional.name),
                     capital(escaped(positional.description)));
}

// Flags that every command has are told once.
bool is_common(const FlagDefinition& flag, const CommandDefinition& program) {
  return std::ranges::any_of(program.flags, [&](const FlagDefinition& other) {
    return other.names == flag.names && other.description == flag.description;
  });
}

std::string command_text(const CommandDefinition& command, const CommandDefinition& program) {
  std::string usage = bold("shimmy " + command.name) + " [" + italic("OPTIONS") + "]";
  for (const PositionalDefinition& positional : command.positionals) {
    usage += positional.is_required ? " " + italic(positional.name)
                                    : " [" + italic(positional.name) + "]";
  }
  std::string text = fmt::format(".SS \"{}\"\n.nh\n{}\n.hy\n.PP\n{}.\n", escaped(command.name),
                                 usage, capital(escaped(command.description)));
  for (const PositionalDefinition& positional : command.positionals) {
    text += positional_text(positional);
  }
  for (const FlagDefinition& flag : command.flags) {
    if (!is_common(flag, program)) text += flag_text(flag);
  }
  return text + examples(command.footer);
}

std::string environment_text(const ProgramDefinition& program) {
  std::map<std::string, std::string> variables;
  const auto add = [&](const CommandDefinition& command) {
    for (const FlagDefinition& flag : command.flags) {
      if (!flag.variable.empty()) variables.emplace(flag.variable, flag.names.front());
    }
  };
  add(program.program);
  for (const CommandDefinition& command : program.commands) add(command);
  std::string text = ".SH ENVIRONMENT\nA flag on the command line wins over its variable.\n";
  for (const auto& [variable, flag] : variables) {
    text += fmt::format(".TP\n{}\nStands for {}.\n", bold(variable), bold(flag));
  }
  return text;
}

constexpr const char* kEnd = R"(.SH FILES
.TP
.I ./models
Models of the current directory.
.TP
.I ~/.local/share/shimmy/models
The user\(aqs models; below
.B XDG_DATA_HOME
where that is set.
.SH "EXIT STATUS"
.TP
.B 0
Done.
.TP
.B 1
Failed.
.TP
.B 2
The command line is wrong, there is no such model, or a probe failed.
.TP
.B 130
Interrupted.
)";

}  // namespace

std::string man_page(const ProgramDefinition& program, const std::string& version) {
  std::string text = fmt::format(
      ".TH SHIMMY 1 \"\" \"shimmy {0}\" \"User Commands\"\n"
      ".SH NAME\nshimmy \\- runs language models on this machine\n"
      ".SH SYNOPSIS\n{1}\n{2}\n[{3}]\n.SH DESCRIPTION\n{4}\n",
      escaped(version), bold("shimmy"), italic("COMMAND"), italic("OPTIONS"),
      escaped(program.program.description));
  text += ".SH OPTIONS\nEvery command takes these, but for " + bold("--version") + ".\n";
  for (const FlagDefinition& flag : program.program.flags) text += flag_text(flag);
  text += ".SH COMMANDS\n";
  for (const CommandDefinition& command : program.commands) {
    text += command_text(command, program.program);
  }
  text += environment_text(program) + kEnd;
  const std::string shown = examples(program.program.footer);
  return shown.empty() ? text : text + ".SH EXAMPLES\n" + shown;
}

}  // namespace shimmy::cli
