// The models that the server offers: the catalog's, loaded on demand.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/model_provider.h"
#include "app/model_rules.h"
#include "base/clock.h"
#include "base/guarded.h"
#include "models/catalog.h"
#include "pool/model_pool.h"

namespace shimmy::app {

// By name only: clients cannot reach files by path. A list, or a name that is not known, makes it
// look at the directories again, at most once a second, so that new files need no restart; and not
// at all while it is told that nothing has changed there. Unless a
// model has that name, "default" is the one that was added, or else the only one there is. The pool
// and the clock must outlive it.
class LocalModels final : public api::ModelProvider {
 public:
  using Scan = std::function<models::Catalog()>;

  // Whether files have changed since the last call; empty where nobody can tell. Any thread.
  using Changed = std::function<std::optional<bool>()>;

  // Entries have the defaults and aliases that `rules` give them.
  LocalModels(Scan scan, pool::ModelPool& pool, const base::Clock& clock,
              LiveRules rules = LiveRules());

  using ModelProvider::acquire;
  base::Result<api::ServedModel> acquire(std::string_view name,
                                         const models::LoadOptions& options) override;
  base::Result<models::ModelEntry> find(std::string_view name) override;
  std::vector<models::ModelEntry> list() override;
  std::size_t loaded() const override { return pool_.loaded(); }

  // Offers one more, as from a path outside of the directories, and makes it the default. Before
  // others use the object.
  void add(models::ModelEntry entry);

  // The name of the one added last; empty: none.
  std::string_view named() const { return default_; }

  // Before others use the object.
  void follow(Changed changed) { changed_ = std::move(changed); }

  // Looks at the directories if nobody has; others wait meanwhile.
  std::shared_ptr<const models::Catalog> catalog() const;

  // Looks at the directories now. Gives what was known before, and what is now.
  struct Change {
    std::shared_ptr<const models::Catalog> before;
    std::shared_ptr<const models::Catalog> now;
  };
  Change rescan();

 private:
  struct Seen {
    std::shared_ptr<const models::Catalog> catalog;
    base::Clock::time_point at;
  };
  struct Templated {
    std::array<std::string, 4> source;  // what it was made of
    std::shared_ptr<const chat::ChatTemplate> chat_template;
  };

  Seen look() const;
  base::Result<models::ModelEntry> find_named(std::string_view name);
  std::shared_ptr<const models::Catalog> fresh_catalog();
  base::Result<std::shared_ptr<const chat::ChatTemplate>> chat_template(
      const models::ModelEntry& entry, const generation::ModelFacts& facts);

  const Scan scan_;
  pool::ModelPool& pool_;
  const base::Clock& clock_;
  const LiveRules rules_;
  // Constant once others use the object:
  std::vector<models::ModelEntry> added_;
  Changed changed_;                   // may be empty
  std::string default_;               // the name of the one added last; empty: none
  mutable base::Guarded<Seen> seen_;  // without a catalog until somebody asks
  base::Guarded<std::map<std::string, Templated>> templates_;  // by path
};

}  // namespace shimmy::app
