// What a request demands of the output's form. Includes Boost.JSON: only for .cpp files of
// protocol/.
#pragma once

#include "generation/constraint.h"
#include "protocol/json/fields.h"

namespace shimmy::protocol::openai {

// Reads "response_format" and the other servers' ways to say the same: "json_schema" and "grammar"
// (llama.cpp), "structured_outputs" and "guided_json", "guided_regex", "guided_choice",
// "guided_grammar" (vLLM). Two demands at once are an error. Errors stay in `fields`.
generation::Constraint decode_output_format(json::Fields& fields);

}  // namespace shimmy::protocol::openai
