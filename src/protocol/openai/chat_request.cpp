#include "protocol/openai/chat_request.h"

#include <utility>

#include "protocol/json/fields.h"
#include "protocol/openai/messages.h"
#include "protocol/openai/sampling.h"
#include "protocol/openai/unsupported.h"

namespace shimmy::protocol::openai {
namespace {

using json::Fields;

bool decode_include_usage(Fields& fields) {
  const boost::json::object* object = fields.object("stream_options");
  if (object == nullptr) return false;
  Fields options(*object, "stream_options");
  const bool include = options.flag("include_usage").value_or(false);
  if (options.error()) fields.fail(*options.error());
  return include;
}

}  // namespace

base::Result<ChatRequest> decode_chat_request(std::string_view body) {
  const auto object = json::parse_object(body);
  if (!object) return std::unexpected(object.error());
  Fields fields(*object);
  ChatRequest request;
  request.model = decode_model(fields);
  request.messages = decode_messages(fields);
  request.generation = decode_generation(fields);
  request.stream = fields.flag("stream").value_or(false);
  request.include_usage = decode_include_usage(fields);
  refuse_unsupported(fields);
  if (fields.error()) return std::unexpected(*fields.error());
  return request;
}

}  // namespace shimmy::protocol::openai
