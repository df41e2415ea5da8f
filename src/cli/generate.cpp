#include "cli/generate.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <utility>

#include "cli/answer.h"
#include "cli/generate_flags.h"
#include "cli/load.h"

namespace shimmy::cli {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using generation::Request;

Result<std::string> prompt_text(const GenerateOptions& options, Terminal& terminal) {
  if (!options.prompt.empty() && options.prompt != "-") return options.prompt;
  if (options.prompt.empty() && terminal.in_is_tty) {
    return fail(ErrorCode::InvalidRequest,
                "There is no prompt. Give one with --prompt \"…\", or pipe it in.");
  }
  std::string text(std::istreambuf_iterator<char>(terminal.in), {});
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    return fail(ErrorCode::InvalidRequest, "The prompt from stdin is empty.");
  }
  // The newline that echo and editors add is not meant.
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

Request sampling_request(const GenerateOptions& options) {
  Request request;
  request.max_tokens = options.max_tokens;
  request.sampling = options.sampling;
  request.stop = options.stop;
  return request;
}

// Before a model is loaded for nothing.
Result<void> check(const GenerateOptions& options) {
  if (options.style == PromptStyle::Raw && !options.system.empty()) {
    return fail(ErrorCode::InvalidRequest, "--system needs a chat: leave out --raw.");
  }
  Request request = sampling_request(options);
  request.prompt = {0};
  return validate(request);
}

app::PromptMode mode(const GenerateOptions& options, const generation::Engine& engine) {
  switch (options.style) {
    case PromptStyle::Chat: return app::PromptMode::Chat;
    case PromptStyle::Raw: return app::PromptMode::Raw;
    case PromptStyle::Auto: break;
  }
  // A system message asks for a chat: without a template that is an error, not silence.
  return engine.facts().chat_template.empty() && options.system.empty() ? app::PromptMode::Raw
                                                                        : app::PromptMode::Chat;
}

// Collects the events; `show` gets each text and says whether to go on.
template <class Show>
void collect(generation::Generation& generation, const std::stop_token& stop, Answer& answer,
             Show show) {
  while (auto event = generation.next(stop)) {
    if (auto* text = std::get_if<generation::TextEvent>(&*event)) {
      answer.text += text->text;
      answer.usage.completion_tokens += text->tokens.size();
      if (!show(text->text)) return;
    } else if (auto* finished = std::get_if<generation::FinishedEvent>(&*event)) {
      answer.usage = finished->usage;
      answer.finished = std::move(*finished);
    } else {
      answer.error = std::get<base::Error>(std::move(*event));
    }
  }
}

// A context that fits this one request, where its size can be told: a smaller KV cache is there
// sooner. A token has at least a byte; the template adds its own text.
app::ModelOptions engine_options(const GenerateOptions& options, std::string_view prompt) {
  constexpr std::size_t template_tokens = 1024;
  constexpr std::size_t granularity = 256;
  app::ModelOptions engine = options.engine;
  if (options.max_tokens < 0) return engine;
  const std::size_t most = prompt.size() + options.system.size() + template_tokens +
                           static_cast<std::size_t>(options.max_tokens);
  engine.first_context_tokens =
      std::min(engine.first_context_tokens, (most + granularity - 1) / granularity * granularity);
  return engine;
}

int code_of(const Answer& answer) {
  if (answer.error) return exit_code(*answer.error);
  return answer.finished ? 0 : 130;
}

// The text as it comes; a newline at its end, so that the shell's prompt stands alone.
int stream(generation::Generation& generation, Terminal& terminal, const std::stop_token& stop,
           Answer& answer) {
  WriteResult written = WriteResult::Written;
  collect(generation, stop, answer, [&](const std::string& text) {
    if (!text.empty()) written = write_out(terminal, text);
    return written == WriteResult::Written;
  });
  if (written == WriteResult::Written && !answer.text.empty() && !answer.text.ends_with('\n')) {
    written = write_out(terminal, "\n");
  }
  if (written == WriteResult::Closed) return 0;
  if (written == WriteResult::Failed) {
    terminal.err << "shimmy: cannot write the output: " << std::strerror(errno) << ".\n";
    return 1;
  }
  if (answer.error) print_error(terminal, *answer.error);
  return code_of(answer);
}

int fail_with(const GenerateOptions& options, Terminal& terminal, const base::Error& error,
              std::string model) {
  print_error(terminal, error);
  if (options.json) {
    Answer answer;
    answer.model = std::move(model);
    answer.error = error;
    finish(terminal, to_json(answer));
  }
  return exit_code(error);
}

int run(const GenerateOptions& options, Terminal& terminal, const Services& services,
        const Loaded& loaded, std::string_view prompt) {
  auto tokens =
      services.encode_prompt(*loaded.engine, mode(options, *loaded.engine), options.system, prompt);
  if (!tokens) return fail_with(options, terminal, tokens.error(), loaded.entry.name);
  Answer answer{loaded.entry.name, {}, {}, {}, {}, loaded.load_ms};
  answer.usage.prompt_tokens = tokens->size();
  Request request = sampling_request(options);
  request.prompt = std::move(*tokens);
  const auto generation = loaded.engine->submit(std::move(request));
  if (!generation) return fail_with(options, terminal, generation.error(), loaded.entry.name);

  int code = 0;
  if (options.json) {
    collect(**generation, services.stop(), answer, [](const std::string&) { return true; });
    code = code_of(answer);
    if (answer.error) print_error(terminal, *answer.error);
    if (const int written = finish(terminal, to_json(answer)); written != 0) code = written;
  } else {
    code = stream(**generation, terminal, services.stop(), answer);
  }
  if (options.stats) terminal.err << stats_text(answer) << std::flush;
  return code;
}

}  // namespace

int generate(const GenerateOptions& options, Terminal& terminal, const Services& services) {
  if (const auto checked = check(options); !checked) {
    return fail_with(options, terminal, checked.error(), options.model);
  }
  const auto prompt = prompt_text(options, terminal);
  if (!prompt) return fail_with(options, terminal, prompt.error(), options.model);
  const auto loaded = load_model(options.model, options.model_dirs,
                                 engine_options(options, *prompt), terminal, services);
  if (!loaded) return fail_with(options, terminal, loaded.error(), options.model);
  return run(options, terminal, services, *loaded, *prompt);
}

Command generate_command() {
  return checked_command<GenerateFlags>("generate", "generate text from a prompt", generate);
}

}  // namespace shimmy::cli
