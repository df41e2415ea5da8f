// The events and the outcome of a pull as JSON, one object a line.
#pragma once

#include <string>

#include "base/error.h"
#include "pull/event.h"
#include "pull/plan.h"
#include "pull/puller.h"

namespace shimmy::cli {

std::string pull_event_json(const pull::Event& event, const pull::Plan& plan);

// Its last line. `name`: what the model is called here.
std::string pulled_json(const pull::Pulled& pulled, const pull::Plan& plan,
                        const std::string& name);
std::string pull_error_json(const base::Error& error);

}  // namespace shimmy::cli
