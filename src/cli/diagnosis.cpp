#include "cli/diagnosis.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>

#include "app/version.h"
#include "base/escape.h"
#include "base/quantity.h"
#include "cli/json_text.h"

namespace shimmy::cli {
namespace {

namespace json = boost::json;

std::string found_in(const models::SearchedDir& searched) {
  if (!searched.exists) return "does not exist";
  std::string text = fmt::format("{} model{}", searched.models, searched.models == 1 ? "" : "s");
  if (searched.broken > 0) text += fmt::format(", {} broken", searched.broken);
  return text;
}

std::string port_state(const Diagnosis& diagnosis) {
  if (diagnosis.port_is_free) return "free";
  return diagnosis.port_owner.empty() ? "taken" : "taken by " + diagnosis.port_owner;
}

// What lies in another program's store is that program's to mend.
std::string remedy_for(const models::BrokenModel& model, const models::Catalog& catalog) {
  const bool is_in_store = std::ranges::any_of(catalog.dirs(), [&](const auto& searched) {
    return searched.dir.store != nullptr && searched.dir.source == model.source;
  });
  return is_in_store ? fmt::format(
                           "Get {} again with the program that keeps it ({}), or remove it "
                           "there.",
                           base::escape_control(model.name), model.source)
                     : "Download the file again, or delete it.";
}

void add_file_findings(const models::Catalog& catalog, std::vector<Finding>& found) {
  for (const models::BrokenModel& model : catalog.broken()) {
    found.push_back({model.reason, remedy_for(model, catalog)});
  }
  for (const models::SearchedDir& searched : catalog.dirs()) {
    const bool asked_for =
        searched.dir.source == "--model-dir" || searched.dir.source == "SHIMMY_MODEL_PATHS";
    if (!searched.exists && asked_for) {
      found.push_back({fmt::format("The directory {} does not exist.", searched.dir.path.string()),
                       fmt::format("Make it, or correct {}.", searched.dir.source)});
    }
    for (const std::string& problem : searched.problems) {
      found.push_back({problem, "Check its permissions, or name another directory."});
    }
  }
}

json::array json_dirs(const models::Catalog& catalog) {
  json::array dirs;
  for (const models::SearchedDir& searched : catalog.dirs()) {
    dirs.push_back({{"path", searched.dir.path.string()},
                    {"source", searched.dir.source},
                    {"exists", searched.exists},
                    {"models", searched.models},
                    {"broken", searched.broken}});
  }
  return dirs;
}

json::array json_devices(const std::vector<app::Device>& devices) {
  json::array array;
  for (const app::Device& device : devices) {
    array.push_back({{"kind", device.kind},
                     {"name", device.name},
                     {"description", device.description},
                     {"total_bytes", device.total_bytes},
                     {"free_bytes", device.free_bytes}});
  }
  return array;
}

json::value json_kernels(const base::Result<app::KernelUse>& kernels) {
  if (!kernels) return nullptr;
  return {{"name", kernels->kernels}, {"forced", !kernels->forced.empty()}};
}

}  // namespace

std::vector<Finding> findings(const Diagnosis& diagnosis) {
  std::vector<Finding> found;
  if (!diagnosis.missing_cpu_features.empty()) {
    found.push_back(
        {fmt::format("This CPU lacks {}, which this build needs.", diagnosis.missing_cpu_features),
         "Build shimmy on this machine with: make build."});
  }
  if (!diagnosis.kernels) {
    found.push_back({diagnosis.kernels.error().message,
                     "Unset SHIMMY_CPU, or start with --kernels ggml: until then no model loads."});
  }
  if (diagnosis.catalog.entries().empty()) {
    found.push_back({"There is no model.", std::string(models::how_to_get_a_model())});
  }
  add_file_findings(diagnosis.catalog, found);
  for (const models::ModelEntry& entry : diagnosis.catalog.entries()) {
    if (diagnosis.memory.total_bytes > 0 && entry.size_bytes > diagnosis.memory.total_bytes) {
      found.push_back({fmt::format("{} ({}) is larger than this machine's memory.", entry.name,
                                   base::human_bytes(entry.size_bytes)),
                       "Take a smaller quantisation of it."});
    }
  }
  if (!diagnosis.port_is_free) {
    found.push_back({fmt::format("Port {} is {}.", diagnosis.address.port, port_state(diagnosis)),
                     "Stop that program, or start shimmy serve with another --port. If it is "
                     "shimmy itself, all is well."});
  }
  return found;
}

std::string to_text(const Diagnosis& diagnosis) {
  std::string text;
  const auto line = [&text](std::string_view label, std::string_view value) {
    text += fmt::format("{:<10} {}\n", label, base::escape_control(value));
  };
  line("shimmy", fmt::format("{} ({}, {})", app::version(), app::build_type(), app::cpu_target()));
  line("llama.cpp", app::llama_version());
  line("cpu", fmt::format("{} usable core{}: {}", diagnosis.cores, diagnosis.cores == 1 ? "" : "s",
                          fmt::join(diagnosis.cpu_features, " ")));
  if (diagnosis.kernels) {
    line("kernels", diagnosis.kernels->kernels +
                        (diagnosis.kernels->forced.empty() ? "" : ", as SHIMMY_CPU asks"));
  }
  line("memory", fmt::format("{}, {} available", base::human_bytes(diagnosis.memory.total_bytes),
                             base::human_bytes(diagnosis.memory.available_bytes)));
  for (const app::Device& device : diagnosis.devices) {
    line("device", fmt::format("{}: {} ({})", device.name, device.description, device.kind));
  }
  for (const models::SearchedDir& searched : diagnosis.catalog.dirs()) {
    line("models", fmt::format("{}: {} ({})", searched.dir.path.string(), found_in(searched),
                               searched.dir.source));
  }
  line("port", fmt::format("{}: {}", diagnosis.address.port, port_state(diagnosis)));
  const std::vector<Finding> found = findings(diagnosis);
  if (found.empty()) return text + "\nNothing is wrong.\n";
  text += '\n';
  for (const Finding& finding : found) {
    text += fmt::format("! {}\n  {}\n", base::escape_control(finding.problem), finding.remedy);
  }
  return text;
}

std::string to_json(const Diagnosis& diagnosis) {
  json::array problems;
  for (const Finding& finding : findings(diagnosis)) {
    problems.push_back({{"problem", finding.problem}, {"remedy", finding.remedy}});
  }
  const json::object object{
      {"version", app::version()},
      {"build", {{"type", app::build_type()}, {"cpu_target", app::cpu_target()}}},
      {"llama_version", app::llama_version()},
      {"cpu",
       {{"usable_cores", diagnosis.cores}, {"features", json::value_from(diagnosis.cpu_features)}}},
      {"kernels", json_kernels(diagnosis.kernels)},
      {"memory",
       {{"total_bytes", diagnosis.memory.total_bytes},
        {"available_bytes", diagnosis.memory.available_bytes}}},
      {"devices", json_devices(diagnosis.devices)},
      {"model_dirs", json_dirs(diagnosis.catalog)},
      {"models", diagnosis.catalog.entries().size()},
      {"port",
       {{"number", diagnosis.address.port},
        {"free", diagnosis.port_is_free},
        {"owner", diagnosis.port_owner}}},
      {"problems", std::move(problems)},
  };
  return json_text(object);
}

}  // namespace shimmy::cli
