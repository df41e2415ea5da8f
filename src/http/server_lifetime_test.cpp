#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fcntl.h>
#include <atomic>
#include <chrono>
#include <future>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/guarded.h"
#include "http/server.h"
#include "support/http_server.h"
#include "support/raw_client.h"

namespace shimmy::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::awaited;
using support::get;
using support::happens;
using support::HeldStream;
using support::HttpServer;
using support::RawClient;
using support::RawResponse;
using support::stream_route;

ServerOptions at(const std::string& address, std::uint16_t port = 0) {
  ServerOptions options;
  options.address = address;
  options.port = port;
  return options;
}

std::string failure_of(const ServerOptions& options) {
  const auto server = Server::create(options, Router({}), nullptr, {});
  if (server) return "";
  EXPECT_EQ(server.error().code, base::ErrorCode::Io);
  return server.error().message;
}

TEST(ServerLifetime, NamesAPortThatIsTaken) {
  const HttpServer server({});
  const std::string message = failure_of(at("127.0.0.1", server.port()));
  EXPECT_TRUE(
      message.starts_with("127.0.0.1:" + std::to_string(server.port()) + " is already in use"))
      << message;
  EXPECT_NE(message.find("another port"), std::string::npos);
}

TEST(ServerLifetime, NamesAnAddressThatIsNotHere) {
  EXPECT_NE(failure_of(at("192.0.2.1")).find("192.0.2.1"), std::string::npos);
  EXPECT_NE(failure_of(at("not a host")).find("\"not a host\""), std::string::npos);
}

TEST(ServerLifetime, ListensOnNamesAndIpv6) {
  for (const std::string address : {"localhost", "127.0.0.1", "0.0.0.0"}) {
    auto server = Server::create(at(address), Router({}), nullptr, {});
    ASSERT_TRUE(server) << server.error().message;
    (*server)->start();
    RawClient client((*server)->port());
    ASSERT_TRUE(client.send(get("/")));
    EXPECT_EQ(client.read_response().value_or(RawResponse{}).status, 404) << address;
  }
  const bool has_ipv6 = access("/proc/net/if_inet6", F_OK) == 0;
  if (!has_ipv6) GTEST_SKIP() << "this machine has no IPv6";
  for (const std::string address : {"::1", "[::1]", "::"}) {
    const auto server = Server::create(at(address), Router({}), nullptr, {});
    EXPECT_TRUE(server) << server.error().message;
  }
}

TEST(ServerLifetime, AcceptsForeignHostNamesWhenBoundToTheNetwork) {
  auto server = Server::create(at("0.0.0.0"), Router({}), nullptr, {});
  ASSERT_TRUE(server);
  (*server)->start();
  RawClient client((*server)->port());
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: box.lan\r\n\r\n"));
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).status, 404);
}

TEST(ServerLifetime, CanStopWithoutHavingStarted) {
  auto server = Server::create(at("127.0.0.1"), Router({}), nullptr, {});
  ASSERT_TRUE(server);
  (*server)->stop();
  (*server)->stop();
  EXPECT_TRUE((*server)->drain(milliseconds(0)));
}

TEST(ServerLifetime, StopsAtOnceWhateverIsGoingOn) {
  constexpr int kStreams = 100;
  base::Guarded<std::vector<HeldStream>> held;
  std::atomic<int> gone = 0;
  std::latch started(kStreams);
  ServerOptions options;
  options.io_threads = 2;
  HttpServer server({stream_route([&](HeldStream stream) {
                      stream.exchange->on_disconnect([&] { ++gone; });
                      held.with([&](auto& all) { all.push_back(std::move(stream)); });
                      started.count_down();
                    })},
                    options);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < kStreams; ++i) {
    clients.push_back(std::make_unique<RawClient>(server.port()));
    ASSERT_TRUE(clients.back()->send(get("/stream")));
  }
  for (const char* half_sent :
       {"", "GET /str", "POST /stream HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"}) {
    clients.push_back(std::make_unique<RawClient>(server.port()));
    ASSERT_TRUE(clients.back()->send(half_sent));
  }
  started.wait();
  const auto before = std::chrono::steady_clock::now();
  server->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, seconds(2));
  EXPECT_EQ(gone, kStreams);
  for (const auto& client : clients) {
    EXPECT_TRUE(!client->read_head() || client->is_at_end() ||
                !client->read_chunk().value_or("").empty());
  }
}

TEST(ServerLifetime, StopFreesAHandlerThatWaitsForItsClient) {
  std::promise<void> waiting;
  HttpServer server({{"GET", "/wait",
                      [&](const std::shared_ptr<Exchange>& exchange) {
                        std::promise<void> gone;
                        exchange->post([&] { exchange->on_disconnect([&] { gone.set_value(); }); });
                        waiting.set_value();
                        gone.get_future().wait();
                      },
                      RunsOn::Worker}});
  RawClient client(server.port());
  ASSERT_TRUE(client.send(get("/wait")));
  ASSERT_TRUE(happens(waiting.get_future()));
  std::future<void> stopped = std::async(std::launch::async, [&] { server->stop(); });
  EXPECT_TRUE(happens(std::move(stopped)));
}

// Takes every file descriptor that this process may still have, and gives them back.
class DescriptorFamine {
 public:
  DescriptorFamine() {
    getrlimit(RLIMIT_NOFILE, &old_);
    take();
    const rlimit tight{static_cast<rlim_t>(taken_.back()) + 8, old_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &tight);
    while (take()) {
    }
  }
  ~DescriptorFamine() {
    for (const int taken : taken_) ::close(taken);
    setrlimit(RLIMIT_NOFILE, &old_);
  }
  DescriptorFamine(const DescriptorFamine&) = delete;
  DescriptorFamine& operator=(const DescriptorFamine&) = delete;

  void give_one_back() {
    ::close(taken_.back());
    taken_.pop_back();
  }

 private:
  bool take() {
    const int taken = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (taken >= 0) taken_.push_back(taken);
    return taken >= 0;
  }

  rlimit old_{};
  std::vector<int> taken_;
};

TEST(ServerLifetime, LivesOnWhenFileDescriptorsRunOut) {
  HttpServer server({{"GET", "/hello", support::echo, RunsOn::Io}});
  RawClient early(server.port());
  ASSERT_TRUE(early.send(get("/hello")));
  ASSERT_TRUE(early.read_response());
  std::unique_ptr<RawClient> late;
  {
    DescriptorFamine famine;
    famine.give_one_back();
    late = std::make_unique<RawClient>(server.port());  // takes the last one
    ASSERT_TRUE(late->is_connected());
    EXPECT_TRUE(server.logs("ulimit -n"));
    ASSERT_TRUE(early.send(get("/hello")));
    EXPECT_TRUE(early.read_response());
  }
  ASSERT_TRUE(late->send(get("/hello")));
  EXPECT_EQ(late->read_response().value_or(RawResponse{}).status, 200);
}

}  // namespace
}  // namespace shimmy::http
