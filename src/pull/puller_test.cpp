#include "pull/puller.h"

#include <gmock/gmock.h>

#include <future>
#include <thread>

#include "pull/origin.h"
#include "pull/pull_fixture.h"

namespace shimmy::pull {
namespace {

using base::ErrorCode;
using base::Result;
using support::FakeAnswer;
using testing::HasSubstr;
namespace fs = std::filesystem;

class PullerTest : public PullFixture {
 protected:
  Puller puller() {
    return Puller({.client = shared_,
                   .endpoints = endpoints_,
                   .directory = temp_.path(),
                   .limits = limits_,
                   .free = free_});
  }

  // A plan of so many files, each a little different.
  Plan plan(int files) {
    Plan plan{"org/repo:Q4_0", "Q4_0", {}, {"org/repo:Q4_0"}, {{"template", "t"}}};
    for (int i = 0; i < files; ++i) {
      const std::string bytes = model_ + std::to_string(i);
      const std::string url = "https://host/" + std::to_string(i);
      shared_->answer("GET " + url,
                      [bytes](const transfer::Request& request) -> Result<FakeAnswer> {
                        return serve(request, bytes);
                      });
      plan.files.push_back({url + "?sig=secret",
                            {},
                            temp_.path() / "org" / (std::to_string(i) + ".gguf"),
                            bytes.size(),
                            sha256(bytes)});
      plan.files.back().url = url;
    }
    return plan;
  }

  const std::shared_ptr<support::FakeHttpClient> shared_ =
      std::make_shared<support::FakeHttpClient>();
  FreeSpace free_ = free_space;
  std::vector<Event> events_;  // from any thread, one at a time
  const OnEvent on_event_ = [this](const Event& event) { events_.push_back(event); };
};

TEST_F(PullerTest, FetchesAllFilesAndNotesWhereTheyAreFrom) {
  const Plan made = plan(5);
  const auto pulled = puller().fetch(made, on_event_, {});
  ASSERT_TRUE(pulled) << pulled.error().message;
  EXPECT_EQ(pulled->model, made.files[0].path);
  EXPECT_EQ(pulled->files.size(), 5);
  EXPECT_EQ(pulled->bytes, made.bytes());
  EXPECT_FALSE(pulled->was_there);
  const Origin origin = read_origin(pulled->model).value_or(Origin());
  EXPECT_EQ(origin.reference, "org/repo:Q4_0");
  EXPECT_EQ(origin.aliases, std::vector<std::string>{"org/repo:Q4_0"});
  ASSERT_EQ(origin.files.size(), 5);
  EXPECT_EQ(origin.files[4].name, "4.gguf");
  EXPECT_EQ(origin.files[4].sha256, made.files[4].sha256);
  EXPECT_EQ(origin.texts.at(0).text, "t");
  EXPECT_EQ(
      std::ranges::count_if(
          events_, [](const Event& event) { return std::holds_alternative<FileDone>(event); }),
      5);
}

TEST_F(PullerTest, FindsItThereTheSecondTime) {
  const Plan made = plan(2);
  ASSERT_TRUE(puller().fetch(made, on_event_, {}));
  const auto again = puller().fetch(made, on_event_, {});
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->was_there);
  EXPECT_EQ(shared_->requests().size(), 2);
}

TEST_F(PullerTest, ReplacesItsOwnFilesOnly) {
  Plan made = plan(1);
  temp_.write("org/0.gguf", "mine");
  EXPECT_FALSE(puller().fetch(made, on_event_, {}));
  fs::remove(made.files[0].path);
  ASSERT_TRUE(puller().fetch(made, on_event_, {}));
  const std::string newer = model_ + "newer";
  shared_->answer("GET https://host/0", {.body = newer});
  made.files[0].bytes = newer.size();
  made.files[0].sha256 = sha256(newer);
  ASSERT_TRUE(puller().fetch(made, on_event_, {}));
  EXPECT_EQ(fs::file_size(made.files[0].path), newer.size());
}

TEST_F(PullerTest, StopsTheOthersWhereOneFails) {
  Plan made = plan(3);
  shared_->answer("GET https://host/1", {.status = 404});
  const auto pulled = puller().fetch(made, on_event_, {});
  ASSERT_FALSE(pulled);
  EXPECT_EQ(pulled.error().code, ErrorCode::ModelNotFound);
  EXPECT_FALSE(read_origin(made.files[0].path));
}

TEST_F(PullerTest, AsksForRoomFirst) {
  free_ = [](const fs::path&) -> Result<std::uint64_t> { return 10; };
  const Plan made = plan(2);
  const auto pulled = puller().fetch(made, on_event_, {});
  ASSERT_FALSE(pulled);
  EXPECT_THAT(pulled.error().message, HasSubstr("10 B free"));
  EXPECT_TRUE(shared_->requests().empty());
  EXPECT_TRUE(fs::is_empty(temp_.path()));
}

TEST_F(PullerTest, NeedsRoomOnlyForWhatIsMissing) {
  const Plan made = plan(1);
  temp_.write("org/0.gguf.part", model_);
  std::uint64_t missing = made.bytes() - model_.size();
  free_ = [&](const fs::path&) -> Result<std::uint64_t> { return missing; };
  EXPECT_TRUE(puller().fetch(made, on_event_, {}));
  free_ = [](const fs::path&) -> Result<std::uint64_t> { return 0; };
  EXPECT_TRUE(puller().fetch(made, on_event_, {})) << "all is there";
}

TEST_F(PullerTest, FetchesAFileOnceForTwoWhoWantIt) {
  const Plan made = plan(1);
  std::promise<void> second_waits;
  const auto waits = second_waits.get_future().share();
  const std::string bytes = model_ + "0";
  shared_->answer("GET https://host/0",
                  [&](const transfer::Request& request) -> Result<FakeAnswer> {
                    EXPECT_EQ(waits.wait_for(std::chrono::seconds(8)), std::future_status::ready);
                    return serve(request, bytes);
                  });
  auto first =
      std::async(std::launch::async, [&] { return puller().fetch(made, [](const Event&) {}, {}); });
  while (shared_->requests().empty()) std::this_thread::yield();
  bool is_told = false;
  const auto second = puller().fetch(
      made,
      [&](const Event& event) {
        if (std::holds_alternative<Waiting>(event) && !std::exchange(is_told, true)) {
          second_waits.set_value();
        }
      },
      {});
  ASSERT_TRUE(first.get());
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->was_there);
  EXPECT_EQ(shared_->requests().size(), 1);
}

TEST_F(PullerTest, IsStopped) {
  std::stop_source stop;
  stop.request_stop();
  const auto pulled = puller().fetch(plan(4), on_event_, stop.get_token());
  ASSERT_FALSE(pulled);
  EXPECT_EQ(pulled.error().code, ErrorCode::Cancelled);
}

TEST_F(PullerTest, ResolvesAReference) {
  shared_->answer("GET https://hub/api/models/org/repo/tree/main?recursive=true",
                  {.body = R"([{"path":"m-Q4_0.gguf","size":5,"lfs":{"oid":")" +
                           std::string(64, 'a') + R"(","size":5}}])"});
  const auto made = puller().resolve({"org/repo"}, on_event_, {});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->files[0].path, temp_.path() / "org" / "repo" / "m-Q4_0.gguf");
  EXPECT_EQ(puller().resolve({"no/such/thing/../x"}, on_event_, {}).error().code,
            ErrorCode::InvalidRequest);
}

TEST_F(PullerTest, TellsThatTheHubIsAskedAgain) {
  int calls = 0;
  shared_->answer("GET https://hub/api/models/org/repo/tree/main?recursive=true",
                  [&](const transfer::Request&) -> Result<FakeAnswer> {
                    return FakeAnswer{.status = ++calls < 2 ? 500 : 404};
                  });
  EXPECT_FALSE(puller().resolve({"org/repo"}, on_event_, {}));
  ASSERT_EQ(events_.size(), 1);
  EXPECT_FALSE(std::get<Retrying>(events_[0]).file);
}

}  // namespace
}  // namespace shimmy::pull
