#include "protocol/openai/usage.h"

#include <fmt/format.h>

#include <string_view>

namespace shimmy::protocol::openai {
namespace {

double ratio(double value, double by) { return by > 0 ? value / by : 0; }

std::string encode_phase(std::string_view name, std::size_t tokens, double ms) {
  const auto count = static_cast<double>(tokens);
  return fmt::format(
      R"("{0}_n":{1},"{0}_ms":{2:.3f},"{0}_per_token_ms":{3:.3f},"{0}_per_second":{4:.3f})", name,
      tokens, ms, ratio(ms, count), ratio(count * 1000, ms));
}

}  // namespace

std::string encode_usage(const Usage& usage) {
  return fmt::format(R"({{"prompt_tokens":{},"completion_tokens":{},"total_tokens":{},)"
                     R"("prompt_tokens_details":{{"cached_tokens":{},"audio_tokens":0}},)"
                     R"("completion_tokens_details":{{"reasoning_tokens":{},"audio_tokens":0,)"
                     R"("accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}})",
                     usage.prompt_tokens, usage.completion_tokens,
                     usage.prompt_tokens + usage.completion_tokens, usage.cached_tokens,
                     usage.reasoning_tokens);
}

std::string encode_timings(const Usage& usage) {
  return fmt::format(
      R"({{"cache_n":{},{},{}}})", usage.cached_tokens,
      encode_phase("prompt", usage.prompt_tokens - usage.cached_tokens, usage.timings.prefill_ms),
      encode_phase("predicted", usage.completion_tokens, usage.timings.decode_ms));
}

}  // namespace shimmy::protocol::openai
