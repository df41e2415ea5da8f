#include "base/core_wait.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

namespace shimmy::base {
namespace {

// "<nanoseconds on a core> <nanoseconds that it waited for one> <turns>"
std::optional<std::int64_t> second_number(int file) {
  std::array<char, 96> text{};
  const ssize_t length = ::pread(file, text.data(), text.size(), 0);
  if (length <= 0) return std::nullopt;
  const char* const end = text.data() + length;
  const char* const space = std::find<const char*>(text.data(), end, ' ');
  std::int64_t number = 0;
  if (space == end || std::from_chars(space + 1, end, number).ec != std::errc{}) {
    return std::nullopt;
  }
  return number;
}

}  // namespace

std::optional<CoreWait> CoreWait::of(int thread) {
  const std::string path = fmt::format("/proc/self/task/{}/schedstat", thread);
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  CoreWait wait(file);
  if (!second_number(file)) return std::nullopt;
  return wait;
}

CoreWait::CoreWait(CoreWait&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

CoreWait& CoreWait::operator=(CoreWait&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

CoreWait::~CoreWait() {
  if (file_ >= 0) ::close(file_);
}

std::chrono::nanoseconds CoreWait::total() const {
  return std::chrono::nanoseconds(second_number(file_).value_or(0));
}

std::vector<int> threads_named(std::string_view name) {
  std::vector<int> ids;
  std::error_code error;
  for (std::filesystem::directory_iterator task("/proc/self/task", error), end;
       !error && task != end; task.increment(error)) {
    std::ifstream file(task->path() / "comm");
    std::string own_name;
    if (std::getline(file, own_name) && own_name == name) {
      ids.push_back(std::stoi(task->path().filename().string()));
    }
  }
  std::ranges::sort(ids);
  return ids;
}

}  // namespace shimmy::base
