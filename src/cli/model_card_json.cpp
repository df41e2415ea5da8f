#include <boost/json.hpp>
#include <utility>

#include "cli/json_text.h"
#include "cli/model_card.h"
#include "cli/model_json.h"

namespace shimmy::cli {
namespace {

namespace json = boost::json;

json::value json_memory(const std::optional<MemoryNeed>& need) {
  if (!need) return nullptr;
  return {{"first_bytes", need->first},     {"first_context", need->first_context},
          {"longest_bytes", need->longest}, {"context_limit", need->context_limit},
          {"budget_bytes", need->budget},   {"fitting_context", need->fitting_context}};
}

json::object json_model(const gguf::Description& description) {
  return {{"layers", description.layers},       {"embedding_size", description.embedding_size},
          {"heads", description.heads},         {"kv_heads", description.kv_heads},
          {"experts", description.experts},     {"experts_used", description.experts_used},
          {"tokenizer", description.tokenizer}, {"vocabulary_size", description.vocabulary_size}};
}

json::object json_tensors(const ModelCard& card) {
  json::object object;
  for (const auto& [type, count] : card.tensors) {
    object[type] = {{"tensors", count.tensors}, {"bytes", count.bytes}};
  }
  return object;
}

template <class Path>
json::array json_paths(const std::vector<Path>& paths) {
  json::array array;
  for (const Path& path : paths) array.emplace_back(path.string());
  return array;
}

// Numbers stay numbers; "stop" is a list.
json::object json_defaults(const models::ModelDefaults& defaults) {
  json::object object;
  for (const auto& [name, value] : parameters(defaults)) {
    if (name == "stop") continue;
    object[name] = json::parse(value);
  }
  if (!defaults.stop.empty()) object["stop"] = json::value_from(defaults.stop);
  if (!defaults.system.empty()) object["system"] = defaults.system;
  return object;
}

}  // namespace

std::string to_json(const ModelCard& card) {
  const models::ModelEntry& entry = card.entry;
  return json_text(
      {{"name", entry.name},
       {"aliases", json::value_from(entry.aliases)},
       {"title", entry.title},
       {"path", entry.path.string()},
       {"source", entry.source},
       {"size_bytes", entry.size_bytes},
       {"modified", entry.modified},
       {"architecture", entry.architecture},
       {"parameters", entry.parameters},
       {"quantization", entry.quantization},
       {"context_tokens", entry.context_tokens},
       {"files", card.description.shard.count},
       {"model", json_model(card.description)},
       {"tensors", json_tensors(card)},
       {"capabilities", json::value_from(capability_names(entry.capabilities))},
       {"unsupported_capabilities", json::value_from(unsupported_names(entry.capabilities))},
       {"projector", entry.projector.string()},
       {"adapters", json_paths(entry.adapters)},
       {"memory", json_memory(card.memory)},
       {"defaults", json_defaults(entry.defaults)},
       {"chat_template", card.chat_template}});
}

}  // namespace shimmy::cli
