// What the endpoints are made of.
#pragma once

#include <functional>
#include <string>

#include "api/model_control.h"
#include "api/model_provider.h"
#include "api/model_puller.h"

namespace shimmy::api {

struct Dependencies {
  ModelProvider& models;                                 // outlives every handler
  ModelControl& control;                                 // so does this
  ModelPuller* puller = nullptr;                         // and this; null: not allowed
  std::string version;                                   // of shimmy, for people
  std::function<bool()> is_ready = [] { return true; };  // false while starting or draining; any
                                                         // thread
};

}  // namespace shimmy::api
