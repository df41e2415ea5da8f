#include "cli/pull_offer.h"

#include <fmt/core.h>

#include <utility>

#include "base/clock.h"
#include "base/escape.h"
#include "base/quantity.h"
#include "cli/pull.h"
#include "cli/pull_progress.h"
#include "cli/question.h"
#include "pull/file_names.h"
#include "pull/puller.h"
#include "pull/reference.h"

namespace shimmy::cli {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;

// Paths that lead nowhere are mistakes: "models/phi.gguf" is no repository of the hub.
bool can_be_pulled(const std::string& name) {
  if (name.starts_with('/') || name.starts_with('.') || name.starts_with('~')) return false;
  const auto reference = pull::parse_reference(name);
  return reference && !pull::has_gguf_extension(reference->repository);
}

void add_line(std::string& details, std::string_view line) {
  if (!details.empty()) details += '\n';
  details += line;
}

Result<pull::Plan> plan_of(const std::string& name, const pull::Puller& puller, Error missing,
                           Terminal& terminal, const std::stop_token& stop) {
  terminal.err << fmt::format("{} is not on this machine. Looking where it can be had…\n",
                              base::escape_control(name))
               << std::flush;
  auto plan = puller.resolve({.reference = name}, [](const pull::Event&) {}, stop);
  if (plan || plan.error().code == ErrorCode::Cancelled) return plan;
  add_line(missing.details, "It cannot be pulled: " + plan.error().message);
  if (!plan.error().details.empty()) add_line(missing.details, plan.error().details);
  return std::unexpected(std::move(missing));
}

Result<bool> wants(const pull::Plan& plan, Terminal& terminal) {
  const std::string size = plan.bytes() > 0 ? base::human_bytes(plan.bytes()) : "unknown size";
  const auto answer = ask(
      terminal, fmt::format("Pull {} ({})? [Y/n] ", base::escape_control(plan.reference), size));
  if (!answer) return std::unexpected(answer.error());
  return answer->empty() || answer->starts_with('y') || answer->starts_with('Y');
}

}  // namespace

Result<std::string> offer_pull(const std::string& name, Error missing, Terminal& terminal,
                               const Services& services) {
  if (!can_be_pulled(name)) return std::unexpected(std::move(missing));
  if (!can_ask(terminal)) {
    add_line(missing.details,
             fmt::format("To get it from a hub or registry: shimmy pull {}", name));
    return std::unexpected(std::move(missing));
  }
  const auto puller = services.puller({});
  if (!puller) return std::unexpected(puller.error());
  const std::stop_token stop = services.renewed_stop();
  const auto plan = plan_of(name, *puller, missing, terminal, stop);
  if (!plan) return std::unexpected(plan.error());
  const auto wanted = wants(*plan, terminal);
  if (!wanted) return std::unexpected(wanted.error());
  if (!*wanted) return std::unexpected(std::move(missing));
  const base::SteadyClock clock;
  PullProgress progress(terminal, *plan, clock);
  const auto pulled =
      puller->fetch(*plan, [&](const pull::Event& event) { progress.show(event); }, stop);
  if (!pulled) return std::unexpected(pulled.error());
  return pulled_name(pulled->model, {}, services);
}

}  // namespace shimmy::cli
