// What the endpoints are made of.
#pragma once

#include <functional>
#include <string>

#include "api/model_control.h"
#include "api/model_provider.h"
#include "api/model_puller.h"
#include "protocol/native/reload.h"

namespace shimmy::api {

// Reads the configuration again; blocks. Any thread.
using Reload = std::function<base::Result<protocol::native::ReloadCard>()>;

inline base::Result<protocol::native::ReloadCard> no_reload() {
  return base::fail(base::ErrorCode::Unavailable, "This server cannot be configured again.");
}

struct Dependencies {
  ModelProvider& models;          // outlives every handler
  ModelControl& control;          // so does this
  ModelPuller* puller = nullptr;  // and this; null: not allowed
  Reload reload = no_reload;
  std::string version;                                   // of shimmy, for people
  std::function<bool()> is_ready = [] { return true; };  // false while starting or draining; any
                                                         // thread
};

}  // namespace shimmy::api
