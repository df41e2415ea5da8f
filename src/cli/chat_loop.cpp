#include "cli/chat_loop.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/escape.h"
#include "base/near_names.h"
#include "cli/chat_printer.h"
#include "cli/chat_settings.h"

namespace shimmy::cli {
namespace {

using base::ErrorCode;
using base::fail;

constexpr std::string_view kQuotes = "\"\"\"";

constexpr const char* kHelp = R"(/bye, /exit            end; so does Ctrl-D
/clear                 forget what was said
/regen                 answer the last question again
/set system TEXT       the system message; no TEXT: none
/set parameter NAME X  temperature, top_p, seed, …; no X: the default
/set verbose|quiet     speeds after each answer, or not
/show                  model, system message, parameters and what was said
/save FILE, /load FILE the chat, as JSON
/help                  this text
"""                    begins and ends a text of several lines
Ctrl-C                 stops an answer
)";

struct Words {
  std::string_view first;
  std::string_view rest;
};

Words split(std::string_view text) {
  const auto trim = [](std::string_view part) {
    const std::size_t begin = part.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return std::string_view();
    return part.substr(begin, part.find_last_not_of(" \t") + 1 - begin);
  };
  text = trim(text);
  const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
  return {text.substr(0, end), trim(text.substr(end))};
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

ChatLoop::ChatLoop(app::ChatModel& model, ChatRecord record, Terminal& terminal,
                   std::function<std::stop_token()> renewed_stop)
    : model_(model),
      record_(std::move(record)),
      terminal_(terminal),
      renewed_stop_(std::move(renewed_stop)) {
  record_.model = model_.name();
}

int ChatLoop::ask(const std::string& prompt) {
  record_.messages.push_back({"user", prompt});
  ChatPrinter printer(terminal_);
  const auto answer = model_.ask(
      record_.question(), [&](const app::ChatPiece& piece) { return printer.show(piece); },
      renewed_stop_());
  printer.finish();
  if (!answer) {
    record_.messages.pop_back();
    report(answer.error());
    return exit_code(answer.error());
  }
  const bool was_interrupted = answer->finish_reason == "interrupted";
  if (was_interrupted && printer.text().empty()) {
    record_.messages.pop_back();  // as if it had not been asked
  } else {
    record_.messages.push_back({"assistant", printer.text()});
  }
  if (is_verbose_) terminal_.err << chat_stats(*answer) << std::flush;
  if (printer.written() == WriteResult::Closed) return 0;
  if (printer.written() == WriteResult::Failed) return 1;
  return was_interrupted ? 130 : 0;
}

int ChatLoop::run(LineSource& lines) {
  while (true) {
    Line line = lines.read(">>> ", history_, renewed_stop_());
    if (line.kind == Line::Kind::Ended) return 0;
    if (line.kind == Line::Kind::Interrupted) {
      if (renewed_stop_().stop_requested()) return 0;  // SIGTERM, which is never renewed
      say("Ctrl-D or /bye ends the chat.\n");
      continue;
    }
    if (is_blank(line.text)) continue;
    if (take(std::move(line.text), lines) == Next::End) return 0;
    if (!terminal_.out) return 0;
  }
}

ChatLoop::Next ChatLoop::take(std::string line, LineSource& lines) {
  if (line.starts_with('/') && !line.starts_with("//")) {
    history_.push_back(line);
    return command(line);
  }
  std::string text = line;
  if (line.starts_with(kQuotes)) {
    text = line.substr(kQuotes.size());
    while (!text.ends_with(kQuotes)) {
      const Line more = lines.read("... ", history_, renewed_stop_());
      if (more.kind == Line::Kind::Interrupted) return Next::Go;
      if (more.kind == Line::Kind::Ended) return Next::End;
      text += '\n' + more.text;
    }
    text.resize(text.size() - kQuotes.size());
  }
  if (is_blank(text)) return Next::Go;
  history_.push_back(text);
  ask(text);
  return Next::Go;
}

ChatLoop::Next ChatLoop::command(std::string_view line) {
  static constexpr std::array<std::string_view, 10> kNames{
      "/bye", "/exit", "/clear", "/regen", "/set", "/show", "/save", "/load", "/help", "/?"};
  const auto [name, rest] = split(line);
  if (name == "/bye" || name == "/exit") return Next::End;
  if (name == "/help" || name == "/?") {
    say(kHelp);
  } else if (name == "/clear") {
    record_.messages.clear();
    say("Forgotten.\n");
  } else if (name == "/regen") {
    answer_again();
  } else if (name == "/set") {
    set(rest);
  } else if (name == "/show") {
    show(rest);
  } else if (name == "/save") {
    save(std::string(rest));
  } else if (name == "/load") {
    load(std::string(rest));
  } else {
    const std::vector<std::string> names(kNames.begin(), kNames.end());
    const auto near = base::near_names(name, names, 2);
    report(
        fail(ErrorCode::InvalidRequest, "There is no {}. {}", name,
             near.empty() ? "See /help." : fmt::format("Did you mean {}?", fmt::join(near, " or ")))
            .error());
  }
  return Next::Go;
}

void ChatLoop::set(std::string_view what) {
  const auto [kind, rest] = split(what);
  if (kind == "system") {
    record_.system = rest;
    say(rest.empty() ? "There is no system message now.\n" : "The system message is set.\n");
  } else if (kind == "parameter") {
    const auto [name, value] = split(rest);
    if (auto done = set_parameter(record_.settings, name, value); !done)
      return report(done.error());
    say(fmt::format("{} {}\n", name, value.empty() ? "is the default's" : value));
  } else if (kind == "verbose" || kind == "quiet") {
    is_verbose_ = kind == "verbose";
  } else {
    report(fail(ErrorCode::InvalidRequest,
                "Write /set system TEXT, /set parameter NAME X, /set verbose or /set quiet.")
               .error());
  }
}

void ChatLoop::show(std::string_view what) {
  std::string text;
  const auto wants = [&](std::string_view part) { return what.empty() || what == part; };
  if (wants("model")) {
    text += fmt::format("{:<18} {} ({})\n", "model", base::escape_control(model_.name()),
                        model_.place());
  }
  if (wants("system") && !record_.system.empty()) {
    text += fmt::format("{:<18} {}\n", "system", base::escape_control(record_.system));
  }
  if (wants("parameters")) text += parameters_text(record_.settings);
  if (wants("messages")) {
    for (const app::ChatMessage& message : record_.messages) {
      text += fmt::format("\n{}:\n{}\n", message.role, printable(message.content));
    }
  }
  say(text.empty() ? "There is nothing to show: model, system, parameters and messages are.\n"
                   : text);
}

void ChatLoop::save(const std::string& path) {
  if (path.empty()) {
    report(fail(ErrorCode::InvalidRequest, "Write /save FILE.").error());
    return;
  }
  if (auto saved = save_chat(record_, path); !saved) {
    report(saved.error());
    return;
  }
  say(fmt::format("Saved as {}.\n", base::escape_control(path)));
}

void ChatLoop::load(const std::string& path) {
  if (path.empty()) {
    report(fail(ErrorCode::InvalidRequest, "Write /load FILE.").error());
    return;
  }
  auto loaded = load_chat(path);
  if (!loaded) {
    report(loaded.error());
    return;
  }
  record_ = std::move(*loaded);
  record_.model = model_.name();
  say(fmt::format("{} messages are back.\n", record_.messages.size()));
}

void ChatLoop::answer_again() {
  if (record_.messages.size() < 2) {
    report(fail(ErrorCode::InvalidRequest, "There is no answer yet.").error());
    return;
  }
  record_.messages.pop_back();
  const std::string question = std::move(record_.messages.back().content);
  record_.messages.pop_back();
  ask(question);
}

void ChatLoop::report(const base::Error& error) { print_error(terminal_, error); }

void ChatLoop::say(std::string_view text) { write_out(terminal_, text); }

}  // namespace shimmy::cli
