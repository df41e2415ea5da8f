#include "protocol/openai/absent_surfaces.h"

#include <algorithm>
#include <array>

namespace shimmy::protocol::openai {
namespace {

struct Surface {
  std::string_view path;
  std::string_view name;
};

constexpr std::array kSurfaces = {
    Surface{"/v1/assistants", "assistants"},
    Surface{"/v1/audio", "audio"},
    Surface{"/v1/batches", "batches"},
    Surface{"/v1/dashboard", "a dashboard"},
    Surface{"/v1/evals", "evaluations"},
    Surface{"/v1/files", "files"},
    Surface{"/v1/fine_tuning", "fine-tuning"},
    Surface{"/v1/images", "images"},
    Surface{"/v1/moderations", "moderation"},
    Surface{"/v1/organization", "organizations"},
    Surface{"/v1/realtime", "realtime sessions"},
    Surface{"/v1/threads", "threads"},
    Surface{"/v1/uploads", "uploads"},
    Surface{"/v1/vector_stores", "vector stores"},
    Surface{"/v1/videos", "videos"},
};

}  // namespace

std::string_view absent_surface(std::string_view path) {
  const auto* found = std::ranges::find_if(kSurfaces, [&](const Surface& surface) {
    return path.starts_with(surface.path) &&
           (path.size() == surface.path.size() || path[surface.path.size()] == '/');
  });
  return found == kSurfaces.end() ? std::string_view{} : found->name;
}

}  // namespace shimmy::protocol::openai
