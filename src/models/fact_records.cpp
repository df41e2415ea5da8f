#include "models/fact_records.h"

#include <array>
#include <cstring>
#include <optional>
#include <string_view>
#include <type_traits>

#include "gguf/cursor.h"

namespace shimmy::models {
namespace {

// To be counted up whenever a record or the meaning of a fact changes.
constexpr std::string_view kMagic = "shimmy headers 2\n";

std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : bytes) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return hash;
}

class Writer {
 public:
  template <class T>
    requires std::is_arithmetic_v<T>
  void operator()(T value) {
    std::array<char, sizeof(T)> bytes{};
    std::memcpy(bytes.data(), &value, sizeof(T));
    out.append(bytes.data(), bytes.size());
  }
  void operator()(const std::string& text) {
    (*this)(std::uint64_t{text.size()});
    out += text;
  }

  std::string out{kMagic};
};

class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : cursor_(bytes) {}

  template <class T>
    requires std::is_arithmetic_v<T>
  void operator()(T& value) {
    const auto number = cursor_.read<T>();
    is_whole = is_whole && number.has_value();
    if (number) value = *number;
  }
  void operator()(std::string& text) {
    const auto view = cursor_.read_string();
    is_whole = is_whole && view.has_value();
    if (view) text = *view;
  }
  bool is_at_end() const { return cursor_.remaining() == 0; }

  bool is_whole = true;

 private:
  gguf::Cursor cursor_;
};

// The one list of what a record consists of, for both directions.
template <class Field, class Record>
void each_field(Field& field, Record& record) {
  field(record.path);
  field(record.stamp.size);
  field(record.stamp.modified_ns);
  field(record.stamp.inode);
  field(record.stamp.device);
  auto& facts = record.facts;
  field(facts.kind_word);
  field(facts.shard_index);
  field(facts.shard_count);
  field(facts.architecture);
  field(facts.title);
  field(facts.base_name);
  field(facts.parameters);
  field(facts.quantization);
  field(facts.context_tokens);
  field(facts.embedding_size);
}

std::uint8_t flags_of(const FileFacts& facts) {
  const Capabilities& can = facts.capabilities;
  const std::array<bool, 8> bits{facts.has_chat_template, can.chat,   can.tools,  can.reasoning,
                                 can.embeddings,          can.rerank, can.vision, can.infill};
  std::uint8_t flags = 0;
  for (std::size_t i = 0; i < bits.size(); ++i) {
    if (bits.at(i)) flags = static_cast<std::uint8_t>(flags | 1U << i);
  }
  return flags;
}

void set_flags(FileFacts& facts, std::uint8_t flags) {
  Capabilities& can = facts.capabilities;
  const std::array<bool*, 8> bits{
      &facts.has_chat_template, &can.chat,   &can.tools,  &can.reasoning,
      &can.embeddings,          &can.rerank, &can.vision, &can.infill};
  for (std::size_t i = 0; i < bits.size(); ++i) *bits.at(i) = (flags >> i & 1U) != 0;
}

// Empty at the end, and where the bytes are wrong.
std::optional<FactRecord> next_record(Reader& reader) {
  FactRecord record;
  std::uint8_t kind = 0;
  std::uint8_t flags = 0;
  each_field(reader, record);
  reader(kind);
  reader(flags);
  if (!reader.is_whole || kind > static_cast<std::uint8_t>(FileKind::Companion)) {
    return std::nullopt;
  }
  record.facts.kind = static_cast<FileKind>(kind);
  set_flags(record.facts, flags);
  return record;
}

}  // namespace

std::string encode_records(std::span<const FactRecord* const> records) {
  Writer writer;
  for (const FactRecord* record : records) {
    each_field(writer, *record);
    writer(static_cast<std::uint8_t>(record->facts.kind));
    writer(flags_of(record->facts));
  }
  writer(checksum(writer.out));
  return std::move(writer.out);
}

std::vector<FactRecord> decode_records(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  constexpr std::size_t tail = sizeof(std::uint64_t);
  if (!text.starts_with(kMagic) || text.size() < kMagic.size() + tail) return {};
  const std::string_view body = text.substr(0, text.size() - tail);
  std::uint64_t expected = 0;
  std::memcpy(&expected, text.data() + body.size(), tail);
  if (checksum(body) != expected) return {};
  Reader reader(bytes.subspan(kMagic.size(), body.size() - kMagic.size()));
  std::vector<FactRecord> records;
  while (!reader.is_at_end()) {
    auto record = next_record(reader);
    if (!record) return {};
    records.push_back(std::move(*record));
  }
  return records;
}

}  // namespace shimmy::models
