// The log: text for people or one JSON object a line for machines, always to one writer.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace shimmy::base {

enum class LogLevel { Debug, Info, Warning, Error, Off };
enum class LogFormat { Text, Json };

// One key of a structured line: key=value in text, a member of the object in JSON.
struct LogField {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, double> value;
};

// A cheap copyable handle; copies share the writer. A default-made Logger drops everything, so that
// a class can take one without asking whether anybody listens. Any thread may write; lines never
// interleave. Control characters in messages and values are escaped: nobody can forge a line or
// send terminal codes.
class Logger {
 public:
  // Called under a lock with a line without its newline; must not log through this Logger.
  using Writer = std::function<void(std::string_view line)>;

  Logger() = default;

  static Logger to_stderr(LogLevel level, LogFormat format);
  static Logger to_writer(LogLevel level, LogFormat format, Writer writer);

  // The same writer under another component name ("scheduler", "http").
  Logger named(std::string component) const;

  bool enabled(LogLevel level) const;

  // Of all copies.
  void set_level(LogLevel level) const;

  void write(LogLevel level, std::string_view message,
             std::initializer_list<LogField> fields = {}) const;
  void write(LogLevel level, std::string_view message, std::span<const LogField> fields) const;

  template <class... Args>
  void debug(fmt::format_string<Args...> format, Args&&... args) const {
    format_and_write(LogLevel::Debug, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void info(fmt::format_string<Args...> format, Args&&... args) const {
    format_and_write(LogLevel::Info, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void warning(fmt::format_string<Args...> format, Args&&... args) const {
    format_and_write(LogLevel::Warning, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void error(fmt::format_string<Args...> format, Args&&... args) const {
    format_and_write(LogLevel::Error, format, std::forward<Args>(args)...);
  }

 private:
  struct Sink;

  template <class... Args>
  void format_and_write(LogLevel level, fmt::format_string<Args...> format, Args&&... args) const {
    if (enabled(level)) write(level, fmt::format(format, std::forward<Args>(args)...));
  }

  std::shared_ptr<Sink> sink_;  // null: drops everything
  std::string component_;
};

}  // namespace shimmy::base
