#include "api/request_defaults.h"

namespace shimmy::api {

std::optional<protocol::RequestDefaults> request_defaults(const ServedModel& model) {
  if (!model.defaults) return std::nullopt;
  const models::ModelDefaults& given = *model.defaults;
  protocol::RequestDefaults result{
      .sampling = {}, .max_tokens = given.max_tokens, .stop = given.stop};
  const bool says_how = models::apply(given, result.sampling);
  const bool has_any = says_how || given.max_tokens || !given.stop.empty();
  return has_any ? std::optional(std::move(result)) : std::nullopt;
}

}  // namespace shimmy::api
