#include "pull/planner.h"

#include <fmt/core.h>

#include <utility>

#include "pull/file_names.h"
#include "pull/hub.h"
#include "pull/registry.h"
#include "pull/remote_facts.h"
#include "transfer/url.h"

namespace shimmy::pull {
namespace {

using base::ErrorCode;
using base::Result;
namespace fs = std::filesystem;

// All files of the model that `path` belongs to.
std::vector<std::string> shard_paths(const std::string& path) {
  const auto shard = shard_name(path);
  if (!shard) return {path};
  std::vector<std::string> paths;
  for (std::uint32_t number = 1; number <= shard->count; ++number) {
    paths.push_back(shard_path(*shard, number));
  }
  return paths;
}

class Planner {
 public:
  Planner(const PlanRequest& request, const Access& access)
      : request_(request), reference_(request.reference), access_(access) {}

  Result<Plan> plan() const {
    switch (reference_.kind) {
      case ReferenceKind::Hub: return of_hub();
      case ReferenceKind::Registry: return of_registry();
      case ReferenceKind::Address: break;
    }
    return of_address();
  }

 private:
  Result<Plan> of_hub() const {
    const auto files = hub_files(access_, reference_);
    if (!files) return std::unexpected(files.error());
    const auto variants = variants_of(*files);
    const auto index = chosen(variants);
    if (!index) return std::unexpected(index.error());
    const Variant& variant = variants[*index];
    if (!variant.is_complete) {
      return base::fail(ErrorCode::ModelNotFound,
                        "{} has only {} of the files that {} is split into.", reference_.repository,
                        variant.files.size(), variant.name);
    }
    Plan plan;
    Reference exact = reference_;
    exact.wanted = variant.name;
    plan.reference = text_of(exact);
    plan.quantization = variant.quantization;
    plan.aliases = {plan.reference, "hf.co/" + plan.reference, reference_.repository};
    std::vector<RemoteFile> taken = variant.files;
    if (auto projector = projector_of(*files)) taken.push_back(std::move(*projector));
    for (const RemoteFile& file : taken) {
      auto planned = hub_file(file);
      if (!planned) return std::unexpected(std::move(planned).error());
      plan.files.push_back(std::move(*planned));
    }
    // What belongs to a model lies beside it, wherever its repository keeps that.
    const fs::path directory = plan.files.front().path.parent_path();
    for (PlannedFile& file : plan.files) file.path = directory / file.path.filename();
    return plan;
  }

  Result<std::size_t> chosen(std::span<const Variant> variants) const {
    if (variants.empty()) {
      return base::fail(ErrorCode::ModelNotFound,
                        "{} has .gguf files, but none of them is a model: they only go with one.",
                        reference_.repository);
    }
    const std::string& wanted =
        request_.quantization.empty() ? reference_.wanted : request_.quantization;
    if (!wanted.empty()) return find_variant(variants, wanted, reference_.repository);
    const std::size_t usual = usual_variant(variants);
    if (variants.size() == 1 || !request_.choose) return usual;
    return request_.choose(variants, usual);
  }

  Result<PlannedFile> hub_file(const RemoteFile& file) const {
    PlannedFile planned{
        hub_url(access_.endpoints, reference_, file.path), hub_headers(access_.endpoints),
        request_.directory / reference_.repository / safe_path(file.path), file.bytes, file.sha256};
    if (planned.sha256.empty()) {
      const auto facts = remote_facts(access_, planned.url, planned.headers, file.path);
      if (!facts) return std::unexpected(facts.error());
      planned.sha256 = facts->sha256;
      if (facts->bytes > 0) planned.bytes = facts->bytes;
    }
    return planned;
  }

  Result<Plan> of_registry() const {
    Reference exact = reference_;
    if (!request_.quantization.empty()) exact.wanted = request_.quantization;
    auto model = registry_model(access_, exact);
    if (!model) return std::unexpected(std::move(model).error());
    Plan plan;
    plan.reference = text_of(exact);
    plan.aliases = {plan.reference};
    plan.texts = std::move(model->texts);
    const fs::path directory =
        request_.directory / safe_path(reference_.host) / reference_.repository;
    // The tag alone would be no name to know a model by.
    const std::string name = fmt::format(
        "{}-{}.gguf", fs::path(reference_.repository).filename().string(), safe_path(exact.wanted));
    plan.files.push_back({blob_url(access_.endpoints, reference_, model->model.path),
                          {},
                          directory / name,
                          model->model.bytes,
                          model->model.sha256});
    if (model->projector) {
      plan.files.push_back({blob_url(access_.endpoints, reference_, model->projector->path),
                            {},
                            directory / ("mmproj-" + name),
                            model->projector->bytes,
                            model->projector->sha256});
    }
    return plan;
  }

  Result<Plan> of_address() const {
    if (!request_.quantization.empty()) {
      return base::fail_field("--quant",
                              "An address names its file already: leave out the "
                              "quantisation {}.",
                              request_.quantization);
    }
    const auto url = transfer::parse_url(reference_.url);
    if (!url) return std::unexpected(url.error());
    Plan plan;
    plan.reference = text_of(reference_);
    plan.aliases = {plan.reference};
    plan.quantization = quantization_in(percent_decoded(url->path));
    for (const std::string& path : shard_paths(url->path)) {
      transfer::Url one = *url;
      one.path = path;
      const std::string decoded = percent_decoded(path);
      const std::string name = safe_path(decoded.substr(decoded.rfind('/') + 1));
      const auto facts = remote_facts(access_, one.text(), {}, transfer::shown_url(one.text()));
      if (!facts) return std::unexpected(facts.error());
      plan.files.push_back({one.text(),
                            {},
                            request_.directory / safe_path(one.host) / name,
                            facts->bytes,
                            facts->sha256});
    }
    return plan;
  }

  const PlanRequest& request_;
  const Reference& reference_;
  const Access& access_;
};

}  // namespace

Result<Plan> make_plan(const PlanRequest& request, const Access& access) {
  return Planner(request, access).plan();
}

}  // namespace shimmy::pull
