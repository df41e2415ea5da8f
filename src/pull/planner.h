// From a reference to the plan of its pull.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

#include "base/error.h"
#include "pull/access.h"
#include "pull/plan.h"
#include "pull/reference.h"
#include "pull/variants.h"

namespace shimmy::pull {

// Asked where there are several models to choose from: the index of the one to take. A failure ends
// the pull.
using Choose =
    std::function<base::Result<std::size_t>(std::span<const Variant> variants, std::size_t usual)>;

struct PlanRequest {
  Reference reference;
  std::string quantization;  // in place of the reference's; empty: that one's
  Choose choose;             // empty: the usual one is taken
  std::filesystem::path directory;
};

// Asks hub or registry; blocks. Fails as their functions and find_variant do.
base::Result<Plan> make_plan(const PlanRequest& request, const Access& access);

}  // namespace shimmy::pull
