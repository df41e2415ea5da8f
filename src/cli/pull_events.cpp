#include "cli/pull_events.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string_view>
#include <utility>
#include <variant>

#include "cli/json_text.h"

namespace shimmy::cli {
namespace {

namespace json = boost::json;

class Writer {
 public:
  explicit Writer(const pull::Plan& plan) : plan_(plan) {}

  json::object operator()(const pull::Waiting& event) const { return of("waiting", event.file); }

  json::object operator()(const pull::Downloading& event) const {
    json::object object = of("downloading", event.file);
    object["completed"] = event.done;
    object["total"] = event.total;
    object["bytes_per_second"] = event.bytes_per_second;
    if (event.left) object["seconds_left"] = event.left->count();
    return object;
  }

  json::object operator()(const pull::Retrying& event) const {
    json::object object =
        event.file ? of("retrying", *event.file) : json::object{{"status", "retrying"}};
    object["reason"] = event.why.message;
    object["pause_ms"] = event.pause.count();
    return object;
  }

  json::object operator()(const pull::Verifying& event) const {
    json::object object = of("verifying", event.file);
    object["completed"] = event.done;
    object["total"] = event.total;
    return object;
  }

  json::object operator()(const pull::FileDone& event) const {
    json::object object = of("done", event.file);
    object["was_there"] = event.was_there;
    return object;
  }

 private:
  json::object of(std::string_view status, std::size_t file) const {
    return {{"status", status}, {"file", plan_.files[file].path.filename().string()}};
  }

  const pull::Plan& plan_;
};

}  // namespace

std::string pull_event_json(const pull::Event& event, const pull::Plan& plan) {
  return json_text(std::visit(Writer(plan), event));
}

std::string pulled_json(const pull::Pulled& pulled, const pull::Plan& plan,
                        const std::string& name) {
  json::array files;
  for (const auto& file : pulled.files) files.emplace_back(file.string());
  json::array warnings;
  for (const std::string& warning : pulled.warnings) warnings.emplace_back(warning);
  return json_text(json::object{{"status", "success"},
                                {"model", name},
                                {"reference", plan.reference},
                                {"files", std::move(files)},
                                {"bytes", pulled.bytes},
                                {"was_there", pulled.was_there},
                                {"warnings", std::move(warnings)}});
}

std::string pull_error_json(const base::Error& error) {
  return json_text(json::object{{"status", "error"},
                                {"code", base::name(error.code)},
                                {"error", error.message},
                                {"details", error.details}});
}

}  // namespace shimmy::cli
