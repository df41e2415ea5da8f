#include "models/origin_record.h"

#include <boost/json.hpp>
#include <system_error>
#include <utility>

#include "models/json_file.h"
#include "models/stores/ollama_parameters.h"

namespace shimmy::models {
namespace {

namespace json = boost::json;

void add_text(stores::FoundFile& file, const std::string& kind, std::string text) {
  if (kind == "system") {
    file.defaults.system = std::move(text);
  } else if (kind == "template") {
    file.family = stores::family_of_go_template(text);
  } else if (kind == "params") {
    boost::system::error_code error;
    const json::value parameters = json::parse(text, error);
    if (error) return;
    std::string system = std::move(file.defaults.system);
    file.defaults = stores::ollama_defaults(parameters);
    file.defaults.system = std::move(system);
  }
}

}  // namespace

void add_origin(stores::FoundFile& file) {
  std::filesystem::path path = file.path;
  path += ".origin.json";
  std::error_code missing;
  if (!std::filesystem::is_regular_file(path, missing)) return;
  const auto record = read_json(path);
  if (!record) return;
  if (const json::array* aliases = array_at(*record, "aliases")) {
    for (const json::value& alias : *aliases) {
      if (alias.is_string()) file.aliases.emplace_back(alias.get_string());
    }
  }
  if (const json::array* texts = array_at(*record, "texts")) {
    for (const json::value& text : *texts) {
      add_text(file, string_at(text, "kind"), string_at(text, "text"));
    }
  }
}

}  // namespace shimmy::models
