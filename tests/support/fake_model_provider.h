// A ModelProvider whose models the test puts in.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "api/model_provider.h"
#include "support/fake_engine.h"

namespace shimmy::support {

// "<role>: <content>\n" for each message; refuses a conversation on request.
class FakeChatTemplate final : public chat::ChatTemplate {
 public:
  base::Result<chat::PreparedPrompt> prepare(const chat::Conversation& conversation) const override;

  // The next prepare fails so.
  void refuse(base::Error error) { refusal_ = std::move(error); }

 private:
  mutable std::optional<base::Error> refusal_;
};

// Any thread may call any member.
class FakeModelProvider final : public api::ModelProvider {
 public:
  // A model that is loaded already, with a FakeChatTemplate unless `has_template` is false.
  std::shared_ptr<FakeEngine> add(const std::string& id, bool has_template = true);
  void add(api::ServedModel model, models::ModelEntry entry);

  // Acquiring this name fails so.
  void fail(const std::string& id, base::Error error);

  // What the last request asked of its model.
  models::LoadOptions last_options() const;

  std::shared_ptr<FakeChatTemplate> chat_template() const { return template_; }

  using ModelProvider::acquire;
  base::Result<api::ServedModel> acquire(std::string_view name,
                                         const models::LoadOptions& options) override;
  base::Result<models::ModelEntry> find(std::string_view name) override;
  std::vector<models::ModelEntry> list() override;
  std::size_t loaded() const override;

 private:
  base::Error not_found(std::string_view name) const;  // with mutex_ held

  const std::shared_ptr<FakeChatTemplate> template_ = std::make_shared<FakeChatTemplate>();
  mutable std::mutex mutex_;
  std::map<std::string, api::ServedModel, std::less<>> models_;     // guarded by mutex_
  std::map<std::string, models::ModelEntry, std::less<>> entries_;  // guarded by mutex_
  std::map<std::string, base::Error, std::less<>> failures_;        // guarded by mutex_
  models::LoadOptions last_options_;                                // guarded by mutex_
};

}  // namespace shimmy::support
