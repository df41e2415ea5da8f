#include "models/regular_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "support/temp_dir.h"

namespace shimmy::models {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using testing::HasSubstr;

TEST(RegularFile, ReadsFromAnyPlace) {
  const support::TempDir temp;
  const auto file = RegularFile::open(temp.write("f", "0123456789"));
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->size(), 10U);
  std::array<char, 4> bytes{};
  EXPECT_EQ(file->read(std::as_writable_bytes(std::span(bytes)), 3), 4U);
  EXPECT_EQ(std::string_view(bytes.data(), 4), "3456");
  EXPECT_EQ(file->read(std::as_writable_bytes(std::span(bytes)), 8), 2U);
  EXPECT_EQ(file->read(std::as_writable_bytes(std::span(bytes)), 99), 0U);
}

TEST(RegularFile, ReadsWhatIsLeftOfAFileThatWasShortened) {
  const support::TempDir temp;
  const fs::path path = temp.write("f", std::string(1 << 16, 'x'));
  const auto file = RegularFile::open(path);
  ASSERT_TRUE(file);
  fs::resize_file(path, 7);
  std::string bytes(1 << 16, '\0');
  EXPECT_EQ(file->read(std::as_writable_bytes(std::span(bytes)), 0), 7U);
}

TEST(RegularFile, NeverWaitsForAPipe) {
  const support::TempDir temp;
  const fs::path pipe = temp.path() / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const auto file = RegularFile::open(pipe);
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().message, HasSubstr("is a named pipe, not a file"));
}

TEST(RegularFile, RefusesSocketsDevicesAndDirectories) {
  const support::TempDir temp;
  const fs::path path = temp.path() / "socket";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_FALSE(RegularFile::open(path));
  close(socket);
  EXPECT_THAT(RegularFile::open("/dev/null").error().message, HasSubstr("is a device"));
  EXPECT_THAT(RegularFile::open(temp.path()).error().message, HasSubstr("is a directory"));
}

TEST(RegularFile, SaysWhatIsMissing) {
  const auto file = RegularFile::open("/nowhere/f\x1b");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::ModelNotFound);
  EXPECT_THAT(file.error().message, HasSubstr("/nowhere/f\\x1b cannot be opened"));
}

TEST(RegularFile, MovesItsDescriptor) {
  const support::TempDir temp;
  auto one = RegularFile::open(temp.write("f", "1"));
  auto two = RegularFile::open(temp.write("g", "22"));
  ASSERT_TRUE(one && two);
  *one = std::move(*two);
  EXPECT_EQ(one->size(), 2U);
}

TEST(ReadText, ReadsSmallFilesOnly) {
  const support::TempDir temp;
  const fs::path path = temp.write("f", "12345");
  EXPECT_EQ(read_text(path, 5).value_or(""), "12345");
  const auto refused = read_text(path, 4);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("is larger (5 B) than such a file can be (4 B)"));
}

}  // namespace
}  // namespace shimmy::models
