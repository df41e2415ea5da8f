// JSON Schemas as grammars.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace shimmy::grammar {

// A grammar, from its rule "root", of JSON texts that the schema holds valid. Not all of them: what
// it writes has properties in the schema's order, one kind of blanks and numbers of sensible
// length, and objects that list their properties have no others unless additionalProperties says
// so. What no grammar can keep (`not`, uniqueItems, …) is ignored, or with `strict` an
// InvalidRequest that names the keyword, as is every schema that is broken, allows nothing, or is
// too large, too deep or counts too far.
base::Result<std::string> schema_grammar(std::string_view schema, bool strict);

// The grammar of any JSON object.
std::string object_grammar();

}  // namespace shimmy::grammar
