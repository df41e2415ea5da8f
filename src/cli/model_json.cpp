#include "cli/model_json.h"

#include <array>
#include <boost/json.hpp>
#include <utility>

#include "gguf/text.h"

namespace shimmy::cli {
namespace {

namespace json = boost::json;

// Paths may be any bytes; JSON may not.
std::string text_of(const std::filesystem::path& path) { return gguf::valid_utf8(path.native()); }

}  // namespace

std::vector<std::string> capability_names(const models::Capabilities& capabilities) {
  const models::Capabilities& can = capabilities;
  const std::array<std::pair<bool, const char*>, 6> all{{{can.chat, "chat"},
                                                         {can.tools, "tools"},
                                                         {can.reasoning, "reasoning"},
                                                         {can.embeddings, "embeddings"},
                                                         {can.rerank, "rerank"},
                                                         {can.infill, "infill"}}};
  std::vector<std::string> names;
  for (const auto& [has, name] : all) {
    if (has) names.emplace_back(name);
  }
  return names;
}

std::vector<std::string> unsupported_names(const models::Capabilities& capabilities) {
  if (capabilities.vision) return {"vision"};
  return {};
}

json::object to_json(const models::ModelEntry& entry) {
  json::array adapters;
  for (const auto& adapter : entry.adapters) adapters.emplace_back(text_of(adapter));
  json::value projector;
  if (!entry.projector.empty()) projector = text_of(entry.projector);
  return {{"name", entry.name},
          {"aliases", json::value_from(entry.aliases)},
          {"path", text_of(entry.path)},
          {"source", entry.source},
          {"size_bytes", entry.size_bytes},
          {"modified", entry.modified},
          {"architecture", entry.architecture},
          {"title", entry.title},
          {"parameters", entry.parameters},
          {"quantization", entry.quantization},
          {"context_tokens", entry.context_tokens},
          {"has_chat_template", entry.has_chat_template},
          {"capabilities", json::value_from(capability_names(entry.capabilities))},
          {"unsupported_capabilities", json::value_from(unsupported_names(entry.capabilities))},
          {"projector", std::move(projector)},
          {"adapters", std::move(adapters)}};
}

json::array broken_json(const models::Catalog& catalog) {
  json::array broken;
  for (const models::BrokenModel& model : catalog.broken()) {
    broken.push_back({{"name", model.name},
                      {"path", text_of(model.path)},
                      {"source", model.source},
                      {"reason", gguf::valid_utf8(model.reason)}});
  }
  return broken;
}

}  // namespace shimmy::cli
