#include "pull/file_download.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "pull/part_file.h"
#include "pull/pull_fixture.h"
#include "support/fake_clock.h"

namespace shimmy::pull {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;
using support::FakeAnswer;
using testing::HasSubstr;
namespace fs = std::filesystem;

const std::string kUrl = "https://host/m.gguf?sig=secret";

class FileDownloadTest : public PullFixture {
 protected:
  FileDownloadTest() {
    file_ = {kUrl, {}, temp_.path() / "dir" / "m.gguf", model_.size(), sha256(model_)};
    serves(model_);
  }

  void serves(const std::string& bytes, const std::string& etag = "\"v1\"") {
    client_.answer("GET " + kUrl,
                   [bytes, etag](const transfer::Request& request) -> Result<FakeAnswer> {
                     return serve(request, bytes, etag);
                   });
  }

  // Cuts the first `times` answers after `cut` bytes.
  void cuts(std::size_t cut, int times) {
    calls_ = 0;
    client_.answer("GET " + kUrl,
                   [this, cut, times](const transfer::Request& request) -> Result<FakeAnswer> {
                     const bool is_cut = calls_++ < times;
                     return serve(request, model_, "\"v1\"", is_cut ? cut : std::string::npos);
                   });
  }

  Result<FileOutcome> run(bool may_replace = false) {
    return download({file_, 0, may_replace, on_event_, clock_}, access_);
  }

  // A pull that ends for good after `bytes` bytes.
  void leave_part(std::size_t bytes) {
    cuts(bytes, 1);
    limits_.attempts = 1;
    EXPECT_FALSE(run());
    limits_.attempts = 6;
    serves(model_);
    ASSERT_EQ(fs::file_size(part()), bytes);
  }

  fs::path part() const { return PartFile::path_for(file_.path); }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(temp_.path())) {
      if (entry.is_regular_file()) names.push_back(entry.path().filename());
    }
    return names;
  }

  void expect_whole() const {
    std::ifstream stream(file_.path, std::ios::binary);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(stream), {}), model_);
    EXPECT_EQ(names(), std::vector<std::string>{"m.gguf"});
  }

  std::string range(std::size_t request) const {
    return std::string(transfer::header_value(client_.requests().at(request).headers, "range"));
  }

  PlannedFile file_;
  int calls_ = 0;
  std::vector<Event> events_;
  const OnEvent on_event_ = [this](const Event& event) { events_.push_back(event); };
  const support::FakeClock clock_;
};

TEST_F(FileDownloadTest, PutsTheFileInItsPlace) {
  const auto outcome = run();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_FALSE(outcome->was_there);
  EXPECT_EQ(outcome->sha256, sha256(model_));
  EXPECT_EQ(outcome->warning, "");
  expect_whole();
}

TEST_F(FileDownloadTest, TellsHowFarItIs) {
  ASSERT_TRUE(run());
  const auto* last = std::get_if<Downloading>(&events_.back());
  ASSERT_NE(last, nullptr);
  EXPECT_EQ(last->done, model_.size());
  EXPECT_EQ(last->total, model_.size());
}

TEST_F(FileDownloadTest, FetchesNothingThatIsThere) {
  temp_.write("dir/m.gguf", model_);
  temp_.write("dir/m.gguf.part.json", "left behind");
  const auto outcome = run();
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->was_there);
  EXPECT_TRUE(client_.requests().empty());
  expect_whole();
}

TEST_F(FileDownloadTest, LeavesAnotherFileAloneUnlessItMayReplaceIt) {
  std::string other = model_;
  other.back() = static_cast<char>(other.back() ^ 1);
  for (const std::string& bytes : {std::string("mine"), other}) {
    temp_.write("dir/m.gguf", bytes);
    const auto outcome = run();
    ASSERT_FALSE(outcome);
    EXPECT_THAT(outcome.error().message, HasSubstr("is there already"));
    EXPECT_EQ(names(), std::vector<std::string>{"m.gguf"});
  }
  EXPECT_TRUE(run(/*may_replace=*/true));
  expect_whole();
}

TEST_F(FileDownloadTest, GoesOnAfterCuts) {
  cuts(100, 3);
  ASSERT_TRUE(run());
  EXPECT_EQ(range(0), "");
  EXPECT_EQ(range(1), "bytes=100-");
  EXPECT_EQ(range(3), "bytes=300-");
  EXPECT_EQ(transfer::header_value(client_.requests()[1].headers, "if-range"), "\"v1\"");
  EXPECT_EQ(retried_.size(), 3);
  expect_whole();
}

TEST_F(FileDownloadTest, GivesUpAfterCutsWithoutProgressAndKeepsWhatCame) {
  cuts(0, 1000);
  const auto outcome = run();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().reason, "cut");
  EXPECT_EQ(client_.requests().size(), 6);
  EXPECT_TRUE(names().empty());
}

TEST_F(FileDownloadTest, GoesOnWithWhatAnEarlierPullLeft) {
  leave_part(200);
  ASSERT_TRUE(run());
  EXPECT_EQ(range(1), "bytes=200-");
  expect_whole();
}

TEST_F(FileDownloadTest, BeginsAnewWithoutARecordOfWhatIsThere) {
  leave_part(200);
  fs::remove(part().string() + ".json");
  ASSERT_TRUE(run());
  EXPECT_EQ(range(1), "");
  expect_whole();
}

TEST_F(FileDownloadTest, BeginsAnewWhereThePlanIsForAnotherFile) {
  leave_part(200);
  temp_.write("dir/m.gguf.part.json",
              R"({"bytes":)" + std::to_string(model_.size()) + R"(,"sha256":"other"})");
  ASSERT_TRUE(run());
  EXPECT_EQ(range(1), "");
}

TEST_F(FileDownloadTest, BeginsAnewWhereTheServerHasAnotherFile) {
  leave_part(200);
  serves(model_, "\"v2\"");
  ASSERT_TRUE(run());
  EXPECT_EQ(range(1), "bytes=200-");
  expect_whole();
}

TEST_F(FileDownloadTest, BeginsAnewWhereThePartIsLongerThanTheFile) {
  leave_part(200);
  temp_.write("dir/m.gguf.part", model_ + "more");
  ASSERT_TRUE(run());
  expect_whole();
}

TEST_F(FileDownloadTest, BeginsAnewWhereThePartIsDamaged) {
  leave_part(200);
  temp_.write("dir/m.gguf.part", "GGUF" + std::string(196, 'x'));
  ASSERT_TRUE(run());
  EXPECT_EQ(retried_.size(), 1);
  EXPECT_EQ(retried_[0].reason, "sha256");
  expect_whole();
}

TEST_F(FileDownloadTest, FetchesNothingWhereAllBytesAreThere) {
  leave_part(200);
  temp_.write("dir/m.gguf.part", model_);
  ASSERT_TRUE(run());
  EXPECT_EQ(client_.requests().size(), 1);
  expect_whole();
}

TEST_F(FileDownloadTest, SurvivesAnswersToRangesThatMakeNoSense) {
  for (const std::string wrong :
       {"bytes 0-9/10", "bytes 200-201/9999", "bytes 201-300/400", "junk", ""}) {
    leave_part(200);
    client_.answer("GET " + kUrl,
                   [this, wrong](const transfer::Request& request) -> Result<FakeAnswer> {
                     FakeAnswer answer = serve(request, model_);
                     if (answer.status == 206)
                       answer.headers = {{"ETag", "\"v1\""}, {"Content-Range", wrong}};
                     return answer;
                   });
    ASSERT_TRUE(run()) << wrong;
    expect_whole();
    fs::remove(file_.path);
  }
}

TEST_F(FileDownloadTest, BeginsAnewWhereTheRangeIsRefused) {
  leave_part(200);
  client_.answer("GET " + kUrl, [this](const transfer::Request& request) -> Result<FakeAnswer> {
    if (asked_from(request) > 0) return FakeAnswer{.status = 416};
    return serve(request, model_);
  });
  ASSERT_TRUE(run());
  expect_whole();
}

TEST_F(FileDownloadTest, GivesUpOnAFileThatKeepsChanging) {
  int version = 0;
  client_.answer("GET " + kUrl, [&](const transfer::Request& request) -> Result<FakeAnswer> {
    FakeAnswer answer = serve(request, model_, "\"v" + std::to_string(++version) + '"', 100);
    return answer;
  });
  const auto outcome = run();
  ASSERT_FALSE(outcome);
  EXPECT_LT(client_.requests().size(), 20);
}

TEST_F(FileDownloadTest, RefusesWrongBytesTwiceAndKeepsNone) {
  std::string corrupt = model_;
  corrupt.back() = static_cast<char>(corrupt.back() ^ 1);
  serves(corrupt);
  const auto outcome = run();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::Io);
  EXPECT_EQ(outcome.error().reason, "sha256");
  EXPECT_THAT(outcome.error().details, HasSubstr(file_.sha256));
  EXPECT_THAT(outcome.error().message, testing::Not(HasSubstr("secret")));
  EXPECT_EQ(client_.requests().size(), 2);
  EXPECT_TRUE(names().empty());
}

TEST_F(FileDownloadTest, RefusesAnotherLength) {
  for (const std::string& bytes : {model_ + "x", model_.substr(1)}) {
    serves(bytes);
    const auto outcome = run();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().reason, "length");
    EXPECT_TRUE(names().empty());
  }
}

TEST_F(FileDownloadTest, TakesNoByteMoreThanPromised) {
  client_.answer("GET " + kUrl, {.body = model_ + "x"});
  EXPECT_EQ(run().error().reason, "length");
}

TEST_F(FileDownloadTest, RefusesWhatIsNoGgufAtOnce) {
  serves("<!DOCTYPE html>" + std::string(model_.size() - 15, ' '));
  const auto outcome = run();
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message, HasSubstr("web page"));
  EXPECT_EQ(client_.requests().size(), 1);
  EXPECT_TRUE(names().empty());
}

TEST_F(FileDownloadTest, KeepsWhatItsPublisherPromisedEvenIfItIsOfNoUseYet) {
  const std::string future = "GGUF" + std::string(400, '\xff');
  file_.bytes = future.size();
  file_.sha256 = sha256(future);
  serves(future);
  const auto outcome = run();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_THAT(outcome->warning, HasSubstr("cannot be used"));
  EXPECT_EQ(names(), std::vector<std::string>{"m.gguf"});
}

TEST_F(FileDownloadTest, SaysWhatTheStatusMeans) {
  client_.answer("GET " + kUrl, {.status = 404});
  EXPECT_EQ(run().error().code, ErrorCode::ModelNotFound);
  client_.answer("GET " + kUrl, {.status = 403});
  EXPECT_THAT(run().error().message, HasSubstr("HF_TOKEN"));
  EXPECT_EQ(client_.requests().size(), 2);
  EXPECT_TRUE(names().empty());
}

TEST_F(FileDownloadTest, KeepsWhatCameWhenItIsStopped) {
  client_.answer("GET " + kUrl, [this](const transfer::Request& request) -> Result<FakeAnswer> {
    FakeAnswer answer = serve(request, model_, "\"v1\"", 200);
    answer.failure = Error{ErrorCode::Cancelled, "stopped", {}, {}};
    return answer;
  });
  const auto outcome = run();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::Cancelled);
  EXPECT_EQ(fs::file_size(part()), 200);
}

class UnknownFileDownloadTest : public FileDownloadTest {
 protected:
  UnknownFileDownloadTest() {
    file_.bytes = 0;
    file_.sha256.clear();
  }
};

TEST_F(UnknownFileDownloadTest, TakesWhatTheServerSays) {
  const auto outcome = run();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->sha256, sha256(model_));
  expect_whole();
}

TEST_F(UnknownFileDownloadTest, TakesAnAnswerWithoutALength) {
  client_.answer("GET " + kUrl, {.body = model_});
  ASSERT_TRUE(run());
  expect_whole();
}

TEST_F(UnknownFileDownloadTest, GoesOnOnlyWhereTheServerSaysThatTheFileIsTheSame) {
  leave_part(200);
  ASSERT_TRUE(run());
  EXPECT_EQ(range(1), "bytes=200-");
  expect_whole();
}

TEST_F(UnknownFileDownloadTest, BeginsAnewWhereNothingTellsTheFileFromAnother) {
  client_.answer("GET " + kUrl, [this](const transfer::Request& request) -> Result<FakeAnswer> {
    FakeAnswer answer =
        serve(request, model_, "W/\"weak\"", calls_++ == 0 ? 200 : std::string::npos);
    return answer;
  });
  limits_.attempts = 1;
  ASSERT_FALSE(run());
  ASSERT_TRUE(run());
  EXPECT_EQ(range(1), "");
  expect_whole();
}

TEST_F(UnknownFileDownloadTest, RefusesAFileThatCannotBeUsed) {
  serves("GGUF" + std::string(400, '\xff'));
  const auto outcome = run();
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message, HasSubstr("cannot be used"));
  EXPECT_TRUE(names().empty());
}

TEST_F(UnknownFileDownloadTest, TakesAFileThatIsThereForTheRightOne) {
  temp_.write("dir/m.gguf", model_);
  const auto outcome = run();
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->was_there);
}

}  // namespace
}  // namespace shimmy::pull
