#include "support/fake_model_provider.h"

#include <fmt/format.h>

#include <utility>

#include "base/near_names.h"

namespace shimmy::support {

base::Result<chat::PreparedPrompt> FakeChatTemplate::prepare(
    const chat::Conversation& conversation) const {
  if (refusal_) return std::unexpected(*std::exchange(refusal_, std::nullopt));
  std::string text;
  for (const chat::Message& message : conversation.messages)
    text += fmt::format("{}: {}\n", message.role, message.content);
  return chat::PreparedPrompt{.parts = {{std::move(text), false}}};
}

std::shared_ptr<FakeEngine> FakeModelProvider::add(const std::string& id, bool has_template) {
  auto engine = std::make_shared<FakeEngine>();
  models::ModelEntry entry;
  entry.name = id;
  entry.source = "test";
  entry.architecture = "llama";
  entry.quantization = "Q4_1";
  entry.parameters = 134'500'000;
  entry.size_bytes = 98'000'000;
  entry.context_tokens = 4096;
  entry.modified = 1'795'235'379;
  entry.has_chat_template = has_template;
  add({id, engine, has_template ? template_ : nullptr, has_template}, std::move(entry));
  return engine;
}

void FakeModelProvider::add(api::ServedModel model, models::ModelEntry entry) {
  const std::lock_guard lock(mutex_);
  const std::string id = model.id;
  models_.insert_or_assign(id, std::move(model));
  entries_.insert_or_assign(id, std::move(entry));
}

void FakeModelProvider::fail(const std::string& id, base::Error error) {
  const std::lock_guard lock(mutex_);
  failures_.insert_or_assign(id, std::move(error));
}

base::Result<api::ServedModel> FakeModelProvider::acquire(std::string_view name,
                                                          const models::LoadOptions& options) {
  const std::lock_guard lock(mutex_);
  last_options_ = options;
  if (const auto failure = failures_.find(name); failure != failures_.end())
    return std::unexpected(failure->second);
  if (const auto model = models_.find(name); model != models_.end()) return model->second;
  return std::unexpected(not_found(name));
}

models::LoadOptions FakeModelProvider::last_options() const {
  const std::lock_guard lock(mutex_);
  return last_options_;
}

base::Error FakeModelProvider::not_found(std::string_view name) const {
  std::vector<std::string> names;
  for (const auto& [known, model] : models_) names.push_back(known);
  return {base::ErrorCode::ModelNotFound,
          fmt::format("There is no model '{}'. Near: {}.", name,
                      fmt::join(base::near_names(name, names), ", ")),
          {},
          {}};
}

base::Result<models::ModelEntry> FakeModelProvider::find(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(name);
  if (entry == entries_.end()) return std::unexpected(not_found(name));
  return entry->second;
}

std::vector<models::ModelEntry> FakeModelProvider::list() {
  const std::lock_guard lock(mutex_);
  std::vector<models::ModelEntry> entries;
  for (const auto& [name, entry] : entries_) entries.push_back(entry);
  return entries;
}

std::size_t FakeModelProvider::loaded() const {
  const std::lock_guard lock(mutex_);
  return models_.size();
}

}  // namespace shimmy::support
