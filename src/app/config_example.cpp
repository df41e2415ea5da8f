#include "app/config_example.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "app/config_sections.h"

namespace shimmy::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHead =
    R"(# The configuration of shimmy. Uncomment what you want to change.
#   shimmy config check   looks for mistakes in it
#   shimmy config show    prints what every setting comes to
# A flag outweighs a variable of the environment, and that outweighs this file. ${NAME} in a text is
# the variable of that name. A running server reads the file again on SIGHUP.
)";

std::string line_of(const SettingRule& rule) {
  std::string text = fmt::format("# {}. Default: {}.", rule.help, rule.usual);
  if (!rule.flag.empty()) text += fmt::format(" --{}", rule.flag);
  if (!rule.variable.empty()) text += fmt::format(", ${}", rule.variable);
  return text + fmt::format("\n#{} = {}\n", rule.key, rule.example);
}

base::Result<void> failed(const std::string& path) {
  return base::fail(base::ErrorCode::Io, "The file {} cannot be written: {}.", path,
                    std::strerror(errno));
}

}  // namespace

std::string config_example() {
  std::string text(kHead);
  for (const ConfigSection& section : config_sections()) {
    text += fmt::format("\n# {}\n", section.about);
    text += section.is_named ? fmt::format("#[{}.\"NAME\"]\n", section.name)
                             : fmt::format("[{}]\n", section.name);
    for (const SettingRule* rule : section.rules) text += line_of(*rule);
  }
  return text;
}

base::Result<void> write_config_example(const std::string& path) {
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  // It may come to hold keys.
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0 && errno == EEXIST) {
    return base::fail(base::ErrorCode::InvalidRequest,
                      "There is a file {} already, and it stays as it is. Move it away first, or "
                      "name another: shimmy config init FILE",
                      path);
  }
  if (file < 0) return failed(path);
  const std::string text = config_example();
  const ssize_t written = ::write(file, text.data(), text.size());
  const bool is_whole = written == static_cast<ssize_t>(text.size());
  if (::close(file) != 0 || !is_whole) return failed(path);
  return {};
}

}  // namespace shimmy::app
