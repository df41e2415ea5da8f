// The real services, on this machine's models.
#pragma once

#include "base/log.h"
#include "cli/services.h"

namespace shimmy::cli {

// One per process. Takes over SIGINT, SIGTERM and SIGPIPE; starts libllama when first needed.
Services local_services(const base::Logger& log);

}  // namespace shimmy::cli
