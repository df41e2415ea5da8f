#include "http/listening_socket.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "support/raw_client.h"
#include "support/temp_dir.h"

namespace shimmy::http {
namespace {

using support::RawClient;
using testing::HasSubstr;

std::string failure_of(const auto& result) {
  if (result) return "";
  EXPECT_EQ(result.error().code, base::ErrorCode::Io);
  return result.error().message;
}

class UnixListening : public testing::Test {
 protected:
  bool exists() const { return std::filesystem::exists(std::filesystem::symlink_status(path_)); }

  // What a server leaves that is killed.
  void leave_stale() {
    auto socket = listen_on_unix(path_);
    ASSERT_TRUE(socket);
    ASSERT_EQ(::rename(path_.c_str(), (path_ + ".kept").c_str()), 0);
    socket->reset();
    ASSERT_EQ(::rename((path_ + ".kept").c_str(), path_.c_str()), 0);
  }

  const support::TempDir temp_;
  const std::string path_ = (temp_.path() / "socket").string();
};

TEST_F(UnixListening, TakesConnectionsOfItsOwnerOnly) {
  const auto socket = listen_on_unix(path_);
  ASSERT_TRUE(socket) << socket.error().message;
  EXPECT_EQ((*socket)->name(), "unix:" + path_);
  EXPECT_EQ((*socket)->port(), 0);
  EXPECT_FALSE((*socket)->is_loopback());
  struct stat file{};
  ASSERT_EQ(::stat(path_.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777U, 0600U);
  EXPECT_TRUE(RawClient(path_).is_connected());
}

TEST_F(UnixListening, RemovesItsFile) {
  auto socket = listen_on_unix(path_);
  ASSERT_TRUE(socket);
  EXPECT_TRUE(exists());
  socket->reset();
  EXPECT_FALSE(exists());
}

TEST_F(UnixListening, LeavesAFileThatIsNotItsOwnAnyMore) {
  auto socket = listen_on_unix(path_);
  ASSERT_TRUE(socket);
  std::filesystem::remove(path_);
  temp_.write("socket", "somebody else's");
  socket->reset();
  EXPECT_TRUE(exists());
}

TEST_F(UnixListening, ReplacesWhatADeadServerHasLeft) {
  leave_stale();
  ASSERT_TRUE(exists());
  ASSERT_FALSE(RawClient(path_).is_connected());
  const auto socket = listen_on_unix(path_);
  ASSERT_TRUE(socket) << socket.error().message;
  EXPECT_TRUE(RawClient(path_).is_connected());
}

TEST_F(UnixListening, DoesNotPushOutALiveServer) {
  const auto first = listen_on_unix(path_);
  ASSERT_TRUE(first);
  EXPECT_THAT(failure_of(listen_on_unix(path_)), HasSubstr("already answers on unix:" + path_));
  EXPECT_TRUE(RawClient(path_).is_connected());
}

TEST_F(UnixListening, LeavesAlwaysWhatIsNoSocket) {
  temp_.write("socket", "precious");
  EXPECT_THAT(failure_of(listen_on_unix(path_)), HasSubstr("is not a socket"));
  EXPECT_EQ(std::filesystem::file_size(path_), 8U);
  const std::string folder = temp_.path().string();
  EXPECT_THAT(failure_of(listen_on_unix(folder)), HasSubstr("is not a socket"));
}

TEST_F(UnixListening, DoesNotFollowALinkToSomethingElse) {
  leave_stale();
  const std::string link = (temp_.path() / "link").string();
  std::filesystem::create_symlink(path_, link);
  EXPECT_THAT(failure_of(listen_on_unix(link)), HasSubstr("is not a socket"));
  EXPECT_TRUE(exists());
}

TEST_F(UnixListening, NamesThePathThatCannotBeHad) {
  const std::string nowhere = (temp_.path() / "no" / "such" / "folder").string();
  EXPECT_THAT(failure_of(listen_on_unix(nowhere)), HasSubstr(nowhere));
  EXPECT_THAT(failure_of(listen_on_unix(nowhere)), HasSubstr("No such file"));
}

TEST_F(UnixListening, RefusesPathsThatDoNotFit) {
  EXPECT_THAT(failure_of(listen_on_unix(std::string(108, 'p'))), HasSubstr("1 to 107 bytes"));
  EXPECT_THAT(failure_of(listen_on_unix("")), HasSubstr("1 to 107 bytes"));
  EXPECT_THAT(failure_of(listen_on_unix(std::string("a\0b", 3))), HasSubstr("1 to 107 bytes"));
}

TEST(TcpListening, GivesAllAddressesOfANameTheSamePort) {
  const auto sockets = listen_on_tcp("localhost", 0);
  ASSERT_TRUE(sockets) << sockets.error().message;
  ASSERT_FALSE(sockets->empty());
  for (const auto& socket : *sockets) {
    EXPECT_EQ(socket->port(), sockets->front()->port());
    EXPECT_NE(socket->port(), 0);
    EXPECT_TRUE(socket->is_loopback());
  }
}

TEST(TcpListening, KnowsAnAddressThatTheNetworkReaches) {
  const auto sockets = listen_on_tcp("0.0.0.0", 0);
  ASSERT_TRUE(sockets);
  EXPECT_FALSE(sockets->front()->is_loopback());
}

TEST(AdoptedListening, TakesASocketThatListens) {
  auto sockets = listen_on_tcp("127.0.0.1", 0);
  ASSERT_TRUE(sockets);
  const std::uint16_t port = sockets->front()->port();
  const int descriptor = sockets->front()->release();
  ::fcntl(descriptor, F_SETFD, 0);
  {
    const auto adopted = adopt_listening(descriptor);
    ASSERT_TRUE(adopted) << adopted.error().message;
    EXPECT_EQ((*adopted)->port(), port);
    EXPECT_TRUE((*adopted)->is_loopback());
    EXPECT_EQ(::fcntl(descriptor, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    EXPECT_TRUE(RawClient(port).is_connected());
  }
  EXPECT_FALSE(RawClient(port).is_connected());
}

TEST(AdoptedListening, LeavesTheFileOfASocketThatSomebodyElseMade) {
  const support::TempDir temp;
  const std::string path = (temp.path() / "socket").string();
  auto socket = listen_on_unix(path);
  ASSERT_TRUE(socket);
  const int descriptor = ::dup((*socket)->release());
  {
    ASSERT_TRUE(adopt_listening(descriptor));
  }
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST(AdoptedListening, RefusesWhatDoesNotListen) {
  const auto refused = [](int descriptor) {
    return failure_of(adopt_listening(descriptor)).find("not a TCP or Unix socket that listens") !=
           std::string::npos;
  };
  EXPECT_TRUE(refused(::open("/dev/null", O_RDONLY | O_CLOEXEC)));
  EXPECT_TRUE(refused(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)));
  EXPECT_TRUE(refused(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)));
  EXPECT_TRUE(refused(-1));
}

}  // namespace
}  // namespace shimmy::http
