#include "gguf/mapped_file.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include "support/temp_dir.h"

namespace shimmy::gguf {
namespace {

using testing::HasSubstr;

std::string message(const std::filesystem::path& path) {
  const auto file = MappedFile::open(path);
  return file ? "opened" : file.error().message;
}

TEST(MappedFile, ShowsTheBytesOfAFile) {
  const support::TempDir dir;
  const auto file = MappedFile::open(dir.write("a.gguf", "hello"));
  ASSERT_TRUE(file);
  EXPECT_EQ((*file)->bytes().size(), 5U);
  EXPECT_EQ(std::memcmp((*file)->bytes().data(), "hello", 5), 0);
}

TEST(MappedFile, FollowsLinks) {
  const support::TempDir dir;
  std::filesystem::create_symlink(dir.write("a", "hello"), dir.path() / "link");
  EXPECT_EQ(message(dir.path() / "link"), "opened");
}

TEST(MappedFile, KeepsItsBytesWhenTheFileIsDeleted) {
  const support::TempDir dir;
  const auto path = dir.write("a", "hello");
  const auto file = MappedFile::open(path);
  std::filesystem::remove(path);
  EXPECT_EQ(std::memcmp((*file)->bytes().data(), "hello", 5), 0);
}

TEST(MappedFile, RefusesADirectory) {
  const support::TempDir dir;
  EXPECT_THAT(message(dir.path()), HasSubstr("is a directory, not a file"));
}

TEST(MappedFile, RefusesANamedPipeWithoutWaitingForIt) {
  const support::TempDir dir;
  const auto path = dir.path() / "pipe";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_THAT(message(path), HasSubstr("is a named pipe"));
}

TEST(MappedFile, RefusesDevices) { EXPECT_THAT(message("/dev/zero"), HasSubstr("is a device")); }

TEST(MappedFile, RefusesASocket) {
  const support::TempDir dir;
  const auto path = dir.path() / "socket";
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  std::strncpy(static_cast<char*>(address.sun_path), path.c_str(), sizeof address.sun_path - 1);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_THAT(message(path), HasSubstr("cannot be opened"));
  close(socket);
}

TEST(MappedFile, RefusesAnEmptyFile) {
  const support::TempDir dir;
  EXPECT_THAT(message(dir.write("empty.gguf", "")), HasSubstr("is empty"));
}

TEST(MappedFile, NamesTheReasonWhenAFileCannotBeOpened) {
  const support::TempDir dir;
  const auto missing = MappedFile::open(dir.path() / "missing.gguf");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, base::ErrorCode::Io);
  EXPECT_THAT(missing.error().message, HasSubstr("missing.gguf cannot be opened: No such file"));
}

TEST(MappedFile, RefusesALinkThatLeadsToItself) {
  const support::TempDir dir;
  std::filesystem::create_symlink("loop", dir.path() / "loop");
  EXPECT_THAT(message(dir.path() / "loop"), HasSubstr("cannot be opened"));
}

TEST(MappedFile, RefusesAFileThatMayNotBeRead) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  const support::TempDir dir;
  const auto path = dir.write("secret", "hello");
  ASSERT_EQ(chmod(path.c_str(), 0), 0);
  EXPECT_THAT(message(path), HasSubstr("Permission denied"));
}

TEST(MappedFile, SpellsOutControlCharactersOfThePath) {
  const support::TempDir dir;
  EXPECT_THAT(message(dir.path() / "a\x1b[31m"), HasSubstr("a\\x1b[31m"));
}

}  // namespace
}  // namespace shimmy::gguf
