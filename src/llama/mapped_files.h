// The memory that mappings of a model's files take: llama.cpp maps them, but tells nobody where.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace shimmy::llama {

class MappedFiles {
 public:
  // Of a model in several files: the first. The files need not be mapped yet.
  explicit MappedFiles(const std::filesystem::path& first_file);

  // Gives back the resident pages of this process's mappings of the files. What is read of them
  // later comes from the page cache again, so that other readers of a mapping notice nothing.
  // Does nothing where the system does not tell what is mapped (Linux does).
  void release_pages() const;

 private:
  std::vector<std::string> paths_;  // as the system tells them: without links
};

}  // namespace shimmy::llama
