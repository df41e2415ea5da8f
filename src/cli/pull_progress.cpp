#include "cli/pull_progress.h"

#include <fmt/core.h>

#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/escape.h"
#include "base/quantity.h"
#include "cli/text_width.h"

namespace shimmy::cli {
namespace {

using base::human_bytes;

constexpr std::chrono::seconds kTellEach{5};

// " 45%  1.2 GB of 2.1 GB  35.2 MB/s  0:25 left", as far as it is known.
std::string numbers(const pull::Downloading& at) {
  std::string text;
  if (at.total > 0) {
    text = fmt::format("{:3}%  {} of {}", at.done * 100 / at.total, human_bytes(at.done),
                       human_bytes(at.total));
  } else {
    text = human_bytes(at.done);
  }
  if (at.bytes_per_second >= 1) {
    text += fmt::format("  {}/s", human_bytes(static_cast<std::uint64_t>(at.bytes_per_second)));
  }
  if (at.left && at.done < at.total) text += fmt::format("  {} left", clock_time(*at.left));
  return text;
}

std::string bar(const pull::Downloading& at) {
  constexpr std::size_t width = 20;
  if (at.total == 0) return {};
  const auto filled =
      static_cast<std::size_t>(std::min<std::uint64_t>(at.done * width / at.total, width));
  return fmt::format("[{}{}] ", std::string(filled, '#'), std::string(width - filled, ' '));
}

std::string retry_note(const pull::Retrying& event) {
  const double seconds = std::chrono::duration<double>(event.pause).count();
  const std::string why = base::escape_control(event.why.message);
  return event.pause.count() == 0 ? fmt::format("{} Trying again.", why)
                                  : fmt::format("{} Trying again in {:.0f} s.", why, seconds);
}

}  // namespace

std::string clock_time(std::chrono::seconds span) {
  const auto total = span.count();
  if (total < 3600) return fmt::format("{}:{:02}", total / 60, total % 60);
  return fmt::format("{}:{:02}:{:02}", total / 3600, total / 60 % 60, total % 60);
}

std::string pull_line(const std::string& name, const pull::Downloading& at, std::size_t width) {
  const std::string tail = numbers(at);
  if (width == 0) return fmt::format("{}: {}", name, tail);
  const std::string with_bar = bar(at) + tail;
  constexpr std::size_t least_name = 12;
  const std::string& rest = columns(with_bar) + least_name < width ? with_bar : tail;
  const std::size_t room = width > columns(rest) + 1 ? width - columns(rest) - 1 : 0;
  return elide(elide(name, room) + (room > 0 ? " " : "") + rest, width);
}

PullProgress::PullProgress(Terminal& terminal, const pull::Plan& plan, const base::Clock& clock)
    : terminal_(terminal), clock_(clock) {
  for (const pull::PlannedFile& file : plan.files) {
    Line line{base::escape_control(file.path.filename().string()), {}, {}};
    line.at.total = file.bytes;
    lines_.push_back(std::move(line));
  }
}

std::uint64_t PullProgress::bytes_there() const {
  std::uint64_t sum = 0;
  for (const Line& line : lines_) sum += line.at.done;
  return sum;
}

void PullProgress::show(const pull::Event& event) {
  update(event);
  if (terminal_.err_is_tty) {
    draw();
    return;
  }
  std::visit(
      [this](const auto& given) {
        using Kind = std::decay_t<decltype(given)>;
        constexpr bool is_progress =
            std::is_same_v<Kind, pull::Downloading> || std::is_same_v<Kind, pull::Verifying>;
        if constexpr (std::is_same_v<Kind, pull::Retrying>) tell(given.file.value_or(0), true);
        else tell(given.file, !is_progress);
      },
      event);
}

void PullProgress::update(const pull::Event& event) {
  if (const auto* at = std::get_if<pull::Downloading>(&event)) {
    lines_[at->file].at = *at;
    lines_[at->file].note.clear();
    lines_[at->file].is_shown = true;
  } else if (const auto* verifying = std::get_if<pull::Verifying>(&event)) {
    Line& line = lines_[verifying->file];
    const auto percent = verifying->total == 0 ? 100 : verifying->done * 100 / verifying->total;
    line.note = fmt::format("{:3}%  verifying what is there", percent);
    line.is_shown = true;
  } else if (const auto* waiting = std::get_if<pull::Waiting>(&event)) {
    lines_[waiting->file].note = "another pull of it is under way: waiting for that";
    lines_[waiting->file].is_shown = true;
  } else if (const auto* retrying = std::get_if<pull::Retrying>(&event)) {
    lines_[retrying->file.value_or(0)].note = retry_note(*retrying);
    lines_[retrying->file.value_or(0)].is_shown = true;
  } else if (const auto* done = std::get_if<pull::FileDone>(&event)) {
    Line& line = lines_[done->file];
    line.note = done->was_there ? "already there" : "done";
    line.at.done = std::max(line.at.done, line.at.total);
    line.is_shown = true;
  }
}

void PullProgress::draw() {
  // The last column stays free: a character there makes some terminals wrap.
  const std::size_t width = terminal_.width == 0 ? 79 : terminal_.width - 1;
  std::string text = drawn_ > 0 ? fmt::format("\x1b[{}A", drawn_) : "";
  drawn_ = 0;
  for (const Line& line : lines_) {
    if (!line.is_shown) continue;
    const std::string content = line.note.empty() ? pull_line(line.name, line.at, width)
                                                  : elide(line.name + ": " + line.note, width);
    text += fmt::format("\r{}\x1b[K\n", content);
    ++drawn_;
  }
  terminal_.err << text << std::flush;
}

void PullProgress::tell(std::size_t file, bool is_urgent) {
  Line& line = lines_[file];
  const auto now = clock_.now();
  if (!is_urgent && now - line.told < kTellEach) return;
  line.told = now;
  terminal_.err << (line.note.empty() ? pull_line(line.name, line.at, 0)
                                      : fmt::format("{}: {}", line.name, line.note))
                << '\n'
                << std::flush;
}

}  // namespace shimmy::cli
