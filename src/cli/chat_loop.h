// A chat in the terminal: lines go to the model or are commands of the chat itself.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "cli/chat_record.h"
#include "cli/line_source.h"
#include "cli/terminal.h"

namespace shimmy::cli {

class ChatLoop {
 public:
  // What it uses must outlive it. `renewed_stop`: see Services.
  ChatLoop(app::ChatModel& model, ChatRecord record, Terminal& terminal,
           std::function<std::stop_token()> renewed_stop);

  // One question and its answer. Returns the exit code.
  int ask(const std::string& prompt);

  // Until /bye, the end of the input or a SIGTERM. Returns the exit code.
  int run(LineSource& lines);

  void set_verbose(bool verbose) { is_verbose_ = verbose; }

  const ChatRecord& record() const { return record_; }

 private:
  enum class Next { Go, End };

  Next take(std::string line, LineSource& lines);
  Next command(std::string_view line);
  void set(std::string_view what);
  void show(std::string_view what);
  void save(const std::string& path);
  void load(const std::string& path);
  void answer_again();
  void report(const base::Error& error);
  void say(std::string_view text);

  app::ChatModel& model_;
  ChatRecord record_;
  Terminal& terminal_;
  const std::function<std::stop_token()> renewed_stop_;
  std::vector<std::string> history_;
  bool is_verbose_ = false;
};

}  // namespace shimmy::cli
