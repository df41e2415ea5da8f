#include "models/model_defaults.h"

namespace shimmy::models {

bool apply(const ModelDefaults& defaults, generation::Sampling& sampling) {
  bool says_something = false;
  const auto set = [&](auto& field, const auto& value) {
    if (!value) return;
    field = *value;
    says_something = true;
  };
  set(sampling.temperature, defaults.temperature);
  set(sampling.top_p, defaults.top_p);
  set(sampling.min_p, defaults.min_p);
  set(sampling.typical_p, defaults.typical_p);
  set(sampling.repeat_penalty, defaults.repeat_penalty);
  set(sampling.frequency_penalty, defaults.frequency_penalty);
  set(sampling.presence_penalty, defaults.presence_penalty);
  set(sampling.top_k, defaults.top_k);
  set(sampling.penalty_last_n, defaults.penalty_last_n);
  set(sampling.seed, defaults.seed);
  return says_something;
}

}  // namespace shimmy::models
