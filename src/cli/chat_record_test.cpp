#include "cli/chat_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/temp_dir.h"

namespace shimmy::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

TEST(ChatRecord, ComesBackFromItsFile) {
  const support::TempDir temp;
  const std::string path = temp.path() / "chat.json";
  ChatRecord record{"phi", "Be \"it\".", {}, {{"user", "Hi\n🦐"}, {"assistant", "Ho"}}};
  record.settings.temperature = 0.5F;
  ASSERT_TRUE(save_chat(record, path));
  ASSERT_TRUE(save_chat(record, path)) << "over the one before";
  const ChatRecord back = load_chat(path).value();
  EXPECT_EQ(back.model, "phi");
  EXPECT_EQ(back.system, record.system);
  EXPECT_EQ(back.messages, record.messages);
  EXPECT_EQ(back.settings.temperature, 0.5F);
}

TEST(ChatRecord, IsForItsOwnerAlone) {
  const support::TempDir temp;
  const std::string path = temp.path() / "chat.json";
  ASSERT_TRUE(save_chat({}, path));
  struct stat status{};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_NE(stat((path + ".new").c_str(), &status), 0);
}

TEST(ChatRecord, RefusesOtherFiles) {
  const support::TempDir temp;
  EXPECT_THAT(load_chat(temp.path() / "none").error().message, HasSubstr("cannot be read"));
  for (const char* text :
       {"", "[]", "{}", R"({"messages":1})", R"({"messages":["a"]})",
        R"({"messages":[{"role":"assistant","content":"x"}]})",
        R"({"messages":[{"role":"user","content":"x"},{"role":"user","content":"x"}]})",
        R"({"messages":[],"parameters":[]})"}) {
    const auto loaded = load_chat(temp.write("chat.json", text));
    ASSERT_FALSE(loaded) << text;
    EXPECT_THAT(loaded.error().message, HasSubstr("is no chat")) << text;
  }
  EXPECT_FALSE(load_chat(temp.write("c.json", R"({"messages":[],"parameters":{"x":1}})")));
}

TEST(ChatRecord, SaysWhereItCannotBeSaved) {
  EXPECT_THAT(save_chat({}, "/nonexistent/chat.json").error().message, HasSubstr("cannot be made"));
  const support::TempDir temp;
  temp.write("taken/file", "x");
  EXPECT_THAT(save_chat({}, temp.path() / "taken").error().message, HasSubstr("replaced"));
  EXPECT_FALSE(std::filesystem::exists(temp.path() / "taken.new"));
}

TEST(ChatRecord, AsksWithTheSystemMessageFirst) {
  const ChatRecord record{"", "Be it.", {}, {{"user", "Hi"}}};
  const auto messages = record.question().messages;
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0], (app::ChatMessage{"system", "Be it."}));
  EXPECT_THAT(ChatRecord{}.question().messages, IsEmpty());
}

}  // namespace
}  // namespace shimmy::cli
