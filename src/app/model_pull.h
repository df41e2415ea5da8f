// Gets a model for a request, and finds it in the catalog.
#pragma once

#include <functional>

#include "api/model_control.h"
#include "app/pull_jobs.h"
#include "base/error.h"
#include "pull/puller.h"

namespace shimmy::app {

// Made for each pull: credentials may have changed since the last. Fails where models have no
// place.
using PullerFactory = std::function<base::Result<pull::Puller>()>;

// `control` must outlive the result.
PullJobs::Pull model_pull(PullerFactory make_puller, api::ModelControl& control);

}  // namespace shimmy::app
