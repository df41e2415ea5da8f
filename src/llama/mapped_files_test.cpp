#include "llama/mapped_files.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "support/temp_dir.h"

namespace shimmy::llama {
namespace {

constexpr std::size_t kBytes = std::size_t{1} << 20U;

// A file of ones, mapped as llama.cpp maps it, all of whose pages have been read.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path) {
    std::ofstream(path) << std::string(kBytes, '\1');
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    bytes_ = static_cast<const char*>(mmap(nullptr, kBytes, PROT_READ, MAP_SHARED, file, 0));
    close(file);
    EXPECT_EQ(sum(), kBytes);
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile() { munmap(const_cast<char*>(bytes_), kBytes); }

  std::size_t sum() const {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < kBytes; ++i) sum += static_cast<unsigned char>(bytes_[i]);
    return sum;
  }

  // As the system counts them for this mapping.
  std::size_t resident_kilobytes() const {
    std::ifstream maps("/proc/self/smaps");
    const std::string begin = fmt::format("{:x}-", reinterpret_cast<std::uintptr_t>(bytes_));
    bool is_ours = false;
    for (std::string line; std::getline(maps, line);) {
      if (line.find('-') < line.find(' ')) is_ours = line.starts_with(begin);
      if (is_ours && line.starts_with("Rss:")) return std::stoul(line.substr(4));
    }
    ADD_FAILURE() << "no mapping at " << begin;
    return 0;
  }

 private:
  const char* bytes_;
};

class MappedFilesTest : public testing::Test {
 protected:
  std::filesystem::path in(const std::string& name) const { return directory_.path() / name; }

  support::TempDir directory_;
};

TEST_F(MappedFilesTest, GivesBackTheirPages) {
  const MappedFile file(in("a.gguf"));
  ASSERT_EQ(file.resident_kilobytes(), kBytes / 1024);
  MappedFiles(in("a.gguf")).release_pages();
  EXPECT_EQ(file.resident_kilobytes(), 0U);
}

TEST_F(MappedFilesTest, LeavesWhatIsReadAsItWas) {
  const MappedFile file(in("a.gguf"));
  MappedFiles(in("a.gguf")).release_pages();
  EXPECT_EQ(file.sum(), kBytes);
}

TEST_F(MappedFilesTest, KnowsAFileByItsLink) {
  const MappedFile file(in("blob"));
  std::filesystem::create_symlink(in("blob"), in("a.gguf"));
  MappedFiles(in("a.gguf")).release_pages();
  EXPECT_EQ(file.resident_kilobytes(), 0U);
}

TEST_F(MappedFilesTest, KnowsAllShards) {
  const MappedFile first(in("a-00001-of-00002.gguf"));
  const MappedFile second(in("a-00002-of-00002.gguf"));
  MappedFiles(in("a-00001-of-00002.gguf")).release_pages();
  EXPECT_EQ(first.resident_kilobytes(), 0U);
  EXPECT_EQ(second.resident_kilobytes(), 0U);
}

TEST_F(MappedFilesTest, LeavesOtherFilesAlone) {
  const MappedFile other(in("a2.gguf"));
  std::ofstream(in("a.gguf")) << "x";
  MappedFiles(in("a.gguf")).release_pages();
  EXPECT_EQ(other.resident_kilobytes(), kBytes / 1024);
}

TEST_F(MappedFilesTest, ShrugsAtAFileThatIsGone) {
  MappedFiles(in("gone.gguf")).release_pages();
  const MappedFile file(in("a.gguf"));
  MappedFiles(in("gone.gguf")).release_pages();
  EXPECT_EQ(file.resident_kilobytes(), kBytes / 1024);
}

}  // namespace
}  // namespace shimmy::llama
