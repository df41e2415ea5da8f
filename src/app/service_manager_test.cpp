#include "app/service_manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "http/listening_socket.h"
#include "support/notify_socket.h"
#include "support/temp_dir.h"

namespace shimmy::app {
namespace {

using support::NotifySocket;

class InheritedSockets : public testing::Test {
 protected:
  InheritedSockets() { clear(); }
  ~InheritedSockets() override { clear(); }

  static void set(const std::string& process, const std::string& count) {
    ::setenv("LISTEN_PID", process.c_str(), 1);
    ::setenv("LISTEN_FDS", count.c_str(), 1);
    ::setenv("LISTEN_FDNAMES", "a:b", 1);
  }

  static bool is_clear() {
    return std::getenv("LISTEN_PID") == nullptr && std::getenv("LISTEN_FDS") == nullptr &&
           std::getenv("LISTEN_FDNAMES") == nullptr;
  }

  static std::string own_pid() { return std::to_string(::getpid()); }

 private:
  static void clear() {
    for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(name);
  }
};

TEST_F(InheritedSockets, AreCountedFromThree) {
  set(own_pid(), "3");
  const auto sockets = inherited_sockets();
  ASSERT_TRUE(sockets);
  EXPECT_EQ(*sockets, (std::vector{3, 4, 5}));
  EXPECT_TRUE(is_clear());
}

TEST_F(InheritedSockets, AreNoneWithoutTheVariables) {
  EXPECT_TRUE(inherited_sockets().value_or(std::vector{-1}).empty());
  ::setenv("LISTEN_FDS", "1", 1);
  EXPECT_TRUE(inherited_sockets().value_or(std::vector{-1}).empty());
  EXPECT_TRUE(is_clear());
}

TEST_F(InheritedSockets, AreNoneWhenMeantForAnotherProcess) {
  for (const std::string& process :
       {std::to_string(::getppid()), std::string("x"), std::string()}) {
    set(process, "1");
    EXPECT_TRUE(inherited_sockets().value_or(std::vector{-1}).empty()) << process;
    EXPECT_TRUE(is_clear());
  }
}

TEST_F(InheritedSockets, AreRefusedWhenTheirNumberMakesNoSense) {
  for (const char* count : {"", "x", "-1", "1x", "99999999999999999999", "100000"}) {
    set(own_pid(), count);
    const auto sockets = inherited_sockets();
    ASSERT_FALSE(sockets) << count;
    EXPECT_EQ(sockets.error().code, base::ErrorCode::InvalidRequest);
    EXPECT_NE(sockets.error().message.find("LISTEN_FDS"), std::string::npos);
    EXPECT_TRUE(is_clear());
  }
}

// In a process of its own, where descriptor 3 can be had.
[[noreturn]] void serve_descriptor_three() {
  auto opened = http::listen_on_tcp("127.0.0.1", 0);
  if (!opened) ::_exit(2);
  const std::uint16_t port = opened->front()->port();
  if (::dup2(opened->front()->release(), 3) != 3) ::_exit(3);
  ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
  ::setenv("LISTEN_FDS", "1", 1);
  const auto sockets = inherited_sockets();
  if (!sockets || *sockets != std::vector{3}) ::_exit(4);
  const auto adopted = http::adopt_listening(sockets->front());
  ::_exit(adopted && (*adopted)->port() == port ? 0 : 5);
}

TEST_F(InheritedSockets, CanBeServed) {
  EXPECT_EXIT(serve_descriptor_three(), testing::ExitedWithCode(0), "");
}

TEST(ServiceNotifier, TellsAManagerAtAPath) {
  const support::TempDir temp;
  const std::string path = (temp.path() / "notify").string();
  const NotifySocket manager(path);
  const ServiceNotifier notifier(path);
  EXPECT_TRUE(notifier.tell("READY=1\nSTATUS=Serving."));
  EXPECT_TRUE(notifier.tell("STOPPING=1"));
  EXPECT_EQ(manager.received(), "READY=1\nSTATUS=Serving.");
  EXPECT_EQ(manager.received(), "STOPPING=1");
}

TEST(ServiceNotifier, TellsAManagerOfAnAbstractName) {
  const std::string name = "shimmy-test-" + std::to_string(::getpid());
  const NotifySocket manager('\0' + name);
  EXPECT_TRUE(ServiceNotifier("@" + name).tell("READY=1"));
  EXPECT_EQ(manager.received(), "READY=1");
}

TEST(ServiceNotifier, TakesTheAddressFromTheEnvironment) {
  const support::TempDir temp;
  const std::string path = (temp.path() / "notify").string();
  const NotifySocket manager(path);
  ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  EXPECT_TRUE(ServiceNotifier::from_environment().tell("READY=1"));
  ::unsetenv("NOTIFY_SOCKET");
  EXPECT_FALSE(ServiceNotifier::from_environment().tell("READY=1"));
  EXPECT_EQ(manager.received(), "READY=1");
}

TEST(ServiceNotifier, DoesNotMindWhenNobodyListens) {
  for (const std::string& address :
       {std::string(), std::string("/no/such/socket"), std::string("relative"),
        std::string("/") + std::string(200, 'x'), std::string("vsock:2:1")}) {
    EXPECT_FALSE(ServiceNotifier(address).tell("READY=1")) << address;
  }
}

TEST(ServiceNotifier, DoesNotWaitForAManagerThatDoesNotListen) {
  const support::TempDir temp;
  const std::string path = (temp.path() / "notify").string();
  const NotifySocket manager(path);
  const ServiceNotifier notifier(path);
  int told = 0;
  while (told < 100'000 && notifier.tell("STATUS=again")) ++told;
  EXPECT_GT(told, 0);
  EXPECT_LT(told, 100'000);
}

TEST(ServiceManager, HearsWhenAReloadBegan) {
  const std::string before = reloading_state();
  EXPECT_THAT(before, testing::MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[0-9]+"));
  EXPECT_LE(before.size(), reloading_state().size());
}

}  // namespace
}  // namespace shimmy::app
