// What the endpoints need of the models on this machine.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "chat/chat_template.h"
#include "generation/engine.h"
#include "models/load_options.h"
#include "models/model_entry.h"

namespace shimmy::api {

struct ServedModel {
  std::string id;  // the catalog's name
  std::shared_ptr<generation::Engine> engine;
  std::shared_ptr<const chat::ChatTemplate> chat_template;  // null: it cannot chat
  bool is_chat_model = false;  // its file, or the user, says how it chats; else it is a guess
  // Where a request says nothing; null: the protocol's own.
  std::shared_ptr<const models::ModelDefaults> defaults = nullptr;
};

// Any thread may call any member.
class ModelProvider {
 public:
  virtual ~ModelProvider() = default;

  // The model of that name, loaded if need be: blocks meanwhile. Of a loaded model, `options`
  // change keep_alive and the pin only. Fails with ModelNotFound (the message names near ones),
  // ModelLoadFailed or Unavailable.
  virtual base::Result<ServedModel> acquire(std::string_view name,
                                            const models::LoadOptions& options) = 0;
  base::Result<ServedModel> acquire(std::string_view name) { return acquire(name, {}); }

  // What acquire() would load. Fails with ModelNotFound.
  virtual base::Result<models::ModelEntry> find(std::string_view name) = 0;

  virtual std::vector<models::ModelEntry> list() = 0;  // sorted by name; may read directories

  virtual std::size_t loaded() const = 0;  // number of models in memory
};

}  // namespace shimmy::api
