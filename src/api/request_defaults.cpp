#include "api/request_defaults.h"

namespace shimmy::api {

std::optional<protocol::RequestDefaults> request_defaults(const ServedModel& model) {
  if (!model.defaults) return std::nullopt;
  const models::ModelDefaults& given = *model.defaults;
  protocol::RequestDefaults result{
      .sampling = {}, .max_tokens = given.max_tokens, .stop = given.stop};
  bool has_any = given.max_tokens || given.seed || !given.stop.empty();
  const auto take = [&](auto& value, const auto& wanted) {
    if (!wanted) return;
    value = *wanted;
    has_any = true;
  };
  generation::Sampling& sampling = result.sampling;
  take(sampling.temperature, given.temperature);
  take(sampling.top_p, given.top_p);
  take(sampling.top_k, given.top_k);
  take(sampling.min_p, given.min_p);
  take(sampling.typical_p, given.typical_p);
  take(sampling.repeat_penalty, given.repeat_penalty);
  take(sampling.frequency_penalty, given.frequency_penalty);
  take(sampling.presence_penalty, given.presence_penalty);
  take(sampling.penalty_last_n, given.penalty_last_n);
  sampling.seed = given.seed;
  return has_any ? std::optional(std::move(result)) : std::nullopt;
}

}  // namespace shimmy::api
