#include "pull/origin.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "pull/file_io.h"
#include "pull/json_answer.h"

namespace shimmy::pull {

namespace json = boost::json;

std::filesystem::path origin_path(const std::filesystem::path& model) {
  return model.string() + ".origin.json";
}

std::optional<Origin> read_origin(const std::filesystem::path& model) {
  const auto text = read_small_file(origin_path(model));
  if (!text) return {};
  boost::system::error_code broken;
  const json::value value = json::parse(*text, broken);
  if (broken || !value.is_object()) return {};
  Origin origin;
  origin.reference = text_member(value, "reference");
  if (const auto* aliases = array_member(value, "aliases")) {
    for (const json::value& alias : *aliases) {
      if (alias.is_string()) origin.aliases.emplace_back(alias.get_string());
    }
  }
  if (const auto* files = array_member(value, "files")) {
    for (const json::value& file : *files) {
      origin.files.push_back({text_member(file, "name"), count_member(file, "bytes"),
                              text_member(file, "sha256"), text_member(file, "url")});
    }
  }
  if (const auto* texts = array_member(value, "texts")) {
    for (const json::value& side : *texts) {
      origin.texts.push_back({text_member(side, "kind"), text_member(side, "text")});
    }
  }
  return origin;
}

base::Result<void> write_origin(const std::filesystem::path& model, const Origin& origin) {
  json::array aliases;
  for (const std::string& alias : origin.aliases) aliases.emplace_back(alias);
  json::array files;
  for (const OriginFile& file : origin.files) {
    files.push_back(json::object{
        {"name", file.name}, {"bytes", file.bytes}, {"sha256", file.sha256}, {"url", file.url}});
  }
  json::array texts;
  for (const SideText& side : origin.texts) {
    texts.push_back(json::object{{"kind", side.kind}, {"text", side.text}});
  }
  const json::object value{{"reference", origin.reference},
                           {"aliases", std::move(aliases)},
                           {"files", std::move(files)},
                           {"texts", std::move(texts)}};
  return replace_file(origin_path(model), json::serialize(value) + '\n');
}

}  // namespace shimmy::pull
