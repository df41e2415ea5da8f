#include "base/log.h"

#define SPDLOG_FMT_EXTERNAL
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cmath>
#include <memory>
#include <mutex>
#include <span>
#include <utility>

#include "base/escape.h"

namespace shimmy::base {
namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::Debug: return spdlog::level::debug;
    case LogLevel::Info: return spdlog::level::info;
    case LogLevel::Warning: return spdlog::level::warn;
    case LogLevel::Error: return spdlog::level::err;
    case LogLevel::Off: return spdlog::level::off;
  }
  return spdlog::level::off;
}

class WriterSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit WriterSink(Logger::Writer writer) : writer_(std::move(writer)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    writer_(std::string_view(line.data(),
                             line.size() - 1));  // without the newline that the formatter adds
  }
  void flush_() override {}

  Logger::Writer writer_;
};

bool is_plain(std::string_view value) {
  return !value.empty() && value.find_first_of(" \"=") == std::string_view::npos;
}

// A value with blanks in it is quoted, so that it cannot pass for further fields.
std::string text_value(std::string_view value) {
  if (is_plain(value)) return escape_control(value);
  std::string quoted = "\"";
  for (const char c : escape_control(value)) {
    if (c == '"') quoted += '\\';
    quoted += c;
  }
  return quoted += '"';
}
std::string text_value(std::int64_t value) { return fmt::format("{}", value); }
std::string text_value(double value) { return fmt::format("{:.3f}", value); }

std::string json_value(std::string_view value) { return json_quoted(value); }
std::string json_value(std::int64_t value) { return fmt::format("{}", value); }
// JSON has no word for infinity and NaN.
std::string json_value(double value) {
  return std::isfinite(value) ? fmt::format("{:.3f}", value) : "null";
}

std::string as_text(const std::string& component, std::string_view message,
                    std::span<const LogField> fields) {
  std::string line;
  if (!component.empty()) line += component + ": ";
  line += escape_control(message);
  for (const LogField& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    line += std::visit([](auto value) { return text_value(value); }, field.value);
  }
  return line;
}

std::string as_json(const std::string& component, std::string_view message,
                    std::span<const LogField> fields) {
  std::string line =
      fmt::format(R"("component":{},"message":{})", json_quoted(component), json_quoted(message));
  for (const LogField& field : fields) {
    line += ',';
    line += json_quoted(field.key);
    line += ':';
    line += std::visit([](auto value) { return json_value(value); }, field.value);
  }
  return line;
}

}  // namespace

struct Logger::Sink {
  Sink(LogLevel level, LogFormat chosen, spdlog::sink_ptr target)
      : format(chosen), logger("shimmy", std::move(target)) {
    logger.set_level(to_spdlog(level));
    logger.set_pattern(format == LogFormat::Json
                           ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                           : "%Y-%m-%dT%H:%M:%S.%eZ %L %v",
                       spdlog::pattern_time_type::utc);
    logger.flush_on(spdlog::level::debug);
  }

  const LogFormat format;
  spdlog::logger logger;
};

Logger Logger::to_stderr(LogLevel level, LogFormat format) {
  Logger result;
  result.sink_ =
      std::make_shared<Sink>(level, format, std::make_shared<spdlog::sinks::stderr_sink_mt>());
  return result;
}

Logger Logger::to_writer(LogLevel level, LogFormat format, Writer writer) {
  Logger result;
  result.sink_ =
      std::make_shared<Sink>(level, format, std::make_shared<WriterSink>(std::move(writer)));
  return result;
}

Logger Logger::named(std::string component) const {
  Logger result = *this;
  result.component_ = std::move(component);
  return result;
}

bool Logger::enabled(LogLevel level) const {
  return sink_ && level != LogLevel::Off && sink_->logger.should_log(to_spdlog(level));
}

void Logger::set_level(LogLevel level) const {
  if (sink_) sink_->logger.set_level(to_spdlog(level));
}

void Logger::write(LogLevel level, std::string_view message,
                   std::initializer_list<LogField> fields) const {
  write(level, message, std::span(fields.begin(), fields.size()));
}

void Logger::write(LogLevel level, std::string_view message,
                   std::span<const LogField> fields) const {
  if (!enabled(level)) return;
  const std::string line = sink_->format == LogFormat::Json ? as_json(component_, message, fields)
                                                            : as_text(component_, message, fields);
  sink_->logger.log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace shimmy::base
