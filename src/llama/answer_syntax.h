// How a model writes its answers, as data: what llama-common found out about a chat template.
#pragma once

#include <string>
#include <vector>

namespace shimmy::llama {

// Markers are as the template writes them, white space included; readers should not insist on that.
struct CallSyntax {
  enum class Form {
    None,        // the template shows no calls
    Json,        // one JSON object: {"name": …, "arguments": {…}}
    NamedJson,   // the name between markers, then the arguments as JSON
    Parameters,  // the name between markers, then each parameter between markers
    Harmony,     // channels and recipients, as gpt-oss
    Other,       // known to llama-common's own parser only
  };

  Form form = Form::None;
  std::string section_begin, section_end;  // around all calls; may be empty
  std::string call_begin, call_end;        // around each call; may be empty

  // Json
  bool in_array = false;     // the objects are the items of a JSON array
  bool name_is_key = false;  // {"get_weather": {…}}
  std::string name_field = "name";
  std::string arguments_field = "arguments";
  std::string id_field;  // after the arguments; empty: none

  // NamedJson and Parameters
  std::string name_prefix, name_suffix;
  std::string arguments_begin, arguments_end;
  bool id_leads = false;                // a call id stands before name_prefix
  std::string id_prefix;                // of an optional call id between the name and name_suffix
  std::string close;                    // after the arguments
  bool name_has_decoration = false;     // "functions.get_weather:0"
  bool call_begin_is_optional = false;  // models forget it: the name's prefix tells, too

  // Parameters
  std::string parameter_prefix, parameter_suffix;  // around the parameter's name
  std::string value_prefix, value_suffix;
  bool has_attributes = false;  // after the name: ` string="true">`
};

struct AnswerSyntax {
  std::string reasoning_begin, reasoning_end;  // an empty end: the model does not think aloud
  bool call_ends_reasoning = false;
  std::string content_begin, content_end;  // around the content; may be empty
  CallSyntax calls;
  std::vector<std::string> specials;  // special tokens that are part of the syntax
  std::vector<std::string> stops;     // texts that end an answer

  bool thinks() const { return !reasoning_end.empty(); }
};

}  // namespace shimmy::llama
