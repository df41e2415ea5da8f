// The stores of other programs as they lie on a disk, with tiny models in them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace shimmy::support {

// What a header says that tells one tiny model from another.
struct PlantedModel {
  std::string title = "Small Model";
  std::string base_name = {};                    // general.basename; empty: none
  std::string chat_template = "{{ messages }}";  // empty: none
};
std::string planted_model(const PlantedModel& model = {});
std::string planted_projector(std::string_view base_name = {}, unsigned projection_size = 64);
std::string planted_adapter(std::string_view base_name = {});

using Files = std::vector<std::pair<std::string, std::string>>;  // name -> bytes

// models--<org>--<repo> below `hub`, with blobs and links to them; refs/main is written where
// `is_main`. `repository`: "org/repo". Returns the directory of the revision.
std::filesystem::path plant_hub_revision(const std::filesystem::path& hub,
                                         std::string_view repository, std::string_view revision,
                                         const Files& files, bool is_main = true);

struct PlantedLayer {
  std::string media_type;
  std::string bytes;
};

// A blob and its digest "sha256:<64 digits>", the same for the same bytes. (No true SHA-256.)
std::string plant_ollama_blob(const std::filesystem::path& root, std::string_view bytes);

// `name`: "host/namespace/model/tag". Returns the manifest.
std::filesystem::path plant_ollama_model(const std::filesystem::path& root, std::string_view name,
                                         const std::vector<PlantedLayer>& layers);

// Adds a model to Docker's store; `layers` as above, under its media types.
void plant_docker_model(const std::filesystem::path& root, const std::vector<std::string>& tags,
                        const std::vector<PlantedLayer>& layers);

// Writes one file with the directories it needs.
std::filesystem::path plant_file(const std::filesystem::path& file, std::string_view bytes);

}  // namespace shimmy::support
