// XGrammar's structural tags, with our grammars of the schemas in them.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace shimmy::grammar {

// The same tag with each part of type "json_schema" as one of type "grammar", and each "regex" in
// our reading of it. Fails with InvalidRequest for what is no JSON object, and as schema_grammar
// does.
base::Result<std::string> with_own_grammars(std::string_view tag, bool strict);

}  // namespace shimmy::grammar
