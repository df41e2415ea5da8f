#include "cli/man.h"

#include <CLI/App.hpp>

#include "app/version.h"
#include "cli/man_page.h"
#include "cli/program.h"

namespace shimmy::cli {
namespace {

constexpr const char* kFooter = R"(
Examples:
  shimmy man | man -l -
  shimmy man > /usr/local/share/man/man1/shimmy.1)";

void add_flags(CLI::App& app, ManOptions& /*none*/) { app.footer(kFooter); }

}  // namespace

int man(const ManOptions& /*none*/, Terminal& terminal, const Services& /*none*/) {
  Program program;
  return finish(terminal, man_page(definition(program.app()), std::string(app::version())));
}

Command man_command() {
  return plain_command<ManOptions>("man", "print the manual page, in roff", add_flags, man);
}

}  // namespace shimmy::cli
