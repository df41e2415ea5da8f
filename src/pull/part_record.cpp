#include "pull/part_record.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "pull/file_io.h"
#include "pull/json_answer.h"

namespace shimmy::pull {

namespace json = boost::json;

std::optional<PartRecord> read_part_record(const std::filesystem::path& file) {
  const auto text = read_small_file(file);
  if (!text) return {};
  boost::system::error_code broken;
  const json::value value = json::parse(*text, broken);
  if (broken || !value.is_object()) return {};
  return PartRecord{count_member(value, "bytes"), text_member(value, "sha256"),
                    text_member(value, "validator"), count_member(value, "synced")};
}

base::Result<void> write_part_record(const std::filesystem::path& file, const PartRecord& record) {
  const json::object value{{"bytes", record.bytes},
                           {"sha256", record.sha256},
                           {"validator", record.validator},
                           {"synced", record.synced}};
  return replace_file(file, json::serialize(value));
}

}  // namespace shimmy::pull
