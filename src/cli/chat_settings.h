// What /set parameter changes: the settings of a chat by name.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>

#include "base/error.h"
#include "models/model_defaults.h"

namespace shimmy::cli {

// "temperature" and the like, as /set parameter and saved chats name them. An empty value unsets;
// a "stop" is added to those there are. Fails with InvalidRequest: no such parameter (with near
// ones), or no such value.
base::Result<void> set_parameter(models::ModelDefaults& settings, std::string_view name,
                                 std::string_view value);

// One line each: name and value. Empty: nothing is set.
std::string parameters_text(const models::ModelDefaults& settings);

boost::json::object parameters_json(const models::ModelDefaults& settings);

// The other way round. Fails with InvalidRequest.
base::Result<models::ModelDefaults> parameters_from(const boost::json::object& object);

}  // namespace shimmy::cli
