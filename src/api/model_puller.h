// What the endpoint that gets models needs of whatever gets them.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/error.h"
#include "protocol/native/pull.h"

namespace shimmy::api {

using OnPullProgress = std::function<void(const protocol::native::PullProgress& progress)>;

// Any thread may call any member.
class ModelPuller {
 public:
  virtual ~ModelPuller() = default;

  // Gets the model; blocks. Who asks for one that is coming already waits for the same pull, which
  // ends when `stop` is requested of all. `progress` is called on this thread. Fails with
  // InvalidRequest (no reference), ModelNotFound, Unavailable, Io or
  // Cancelled.
  virtual base::Result<protocol::native::PullOutcome> pull(
      const protocol::native::PullRequest& wanted, const OnPullProgress& progress,
      std::stop_token stop) = 0;

  // Ends the pull of that reference for everybody. False where there is none.
  virtual bool cancel(std::string_view model) = 0;
};

}  // namespace shimmy::api
