#include "cli/answer.h"

#include <fmt/core.h>

#include <boost/json.hpp>

#include "cli/json_text.h"

namespace shimmy::cli {
namespace {

namespace json = boost::json;

double per_second(std::size_t tokens, double ms) {
  return ms > 0 ? static_cast<double>(tokens) * 1000 / ms : 0;
}

json::object timings_object(const Answer& answer) {
  json::object timings{{"load_ms", answer.load_ms}};
  if (!answer.finished) return timings;
  const generation::Timings& measured = answer.finished->timings;
  timings["queue_ms"] = measured.queue_ms;
  timings["prefill_ms"] = measured.prefill_ms;
  timings["decode_ms"] = measured.decode_ms;
  timings["ttft_ms"] = measured.ttft_ms;
  timings["prefill_tokens_per_second"] = prefill_speed(answer);
  timings["decode_tokens_per_second"] = decode_speed(answer);
  return timings;
}

}  // namespace

std::string finish_reason(const Answer& answer) {
  if (answer.error) return "error";
  if (!answer.finished) return "interrupted";
  return std::string(generation::name(answer.finished->reason));
}

double prefill_speed(const Answer& answer) {
  if (!answer.finished) return 0;
  return per_second(answer.usage.prompt_tokens - answer.usage.cached_tokens,
                    answer.finished->timings.prefill_ms);
}

double decode_speed(const Answer& answer) {
  // The first token belongs to the prefill.
  if (!answer.finished || answer.usage.completion_tokens < 2) return 0;
  return per_second(answer.usage.completion_tokens - 1, answer.finished->timings.decode_ms);
}

std::string to_json(const Answer& answer) {
  const generation::Usage& usage = answer.usage;
  json::object object{
      {"model", answer.model},
      {"text", answer.text},
      {"finish_reason", finish_reason(answer)},
      {"usage",
       {{"prompt_tokens", usage.prompt_tokens},
        {"completion_tokens", usage.completion_tokens},
        {"total_tokens", usage.prompt_tokens + usage.completion_tokens},
        {"cached_tokens", usage.cached_tokens}}},
      {"timings", timings_object(answer)},
  };
  if (answer.error) {
    object["error"] = {{"code", base::name(answer.error->code)},
                       {"message", answer.error->message}};
  }
  return json_text(object);
}

std::string stats_text(const Answer& answer) {
  std::string text;
  if (answer.finished) {
    const generation::Timings& timings = answer.finished->timings;
    text += fmt::format("prompt       {:6} tokens  {:8.1f} tok/s\n", answer.usage.prompt_tokens,
                        prefill_speed(answer));
    text += fmt::format("generated    {:6} tokens  {:8.1f} tok/s\n", answer.usage.completion_tokens,
                        decode_speed(answer));
    text += fmt::format("first token  {:6.0f} ms\n", timings.ttft_ms);
  } else {
    text += fmt::format("generated    {:6} tokens\n", answer.usage.completion_tokens);
  }
  return text + fmt::format("load         {:6.0f} ms\n", answer.load_ms);
}

}  // namespace shimmy::cli
