#include "chat/harmony_format.h"

#include <gtest/gtest.h>

#include "chat/answer_reading_fixture.h"

namespace shimmy::chat {
namespace {

std::string read(std::string_view text, AnswerReading reading = {}) {
  return read_any_cut(*harmony_format(two_tools(), reading), text);
}

TEST(HarmonyFormat, TellsThoughtsFromTheAnswer) {
  EXPECT_EQ(read("<|channel|>analysis<|message|>Hm <b>.<|end|><|start|>assistant<|channel|>final"
                 "<|message|>Yes."),
            "(Hm <b>.)Yes.");
}

TEST(HarmonyFormat, ReadsACallInTheChannelsHeader) {
  EXPECT_EQ(read("<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary "
                 "to=functions.look_up <|constrain|>json<|message|>{\"word\": \"x\"}<|call|>"),
            R"((Hm.)[look_up {"word":"x"}])");
}

TEST(HarmonyFormat, ReadsACallInTheSpeakersHeader) {
  EXPECT_EQ(read(" to=functions.stop<|channel|>commentary json<|message|>{}"), "[stop {}]");
}

TEST(HarmonyFormat, ReadsSeveralCalls) {
  EXPECT_EQ(read("<|channel|>commentary to=functions.stop<|message|><|call|><|start|>assistant"
                 "<|channel|>commentary to=functions.look_up<|message|>{\"word\":\"x\"}"),
            R"([stop {}][look_up {"word":"x"}])");
}

TEST(HarmonyFormat, ShowsAPreamble) {
  EXPECT_EQ(read("<|channel|>commentary<|message|>Let me look.<|end|><|start|>assistant<|channel|>"
                 "commentary to=functions.stop<|message|>{}"),
            "Let me look.[stop {}]");
}

TEST(HarmonyFormat, DropsMessagesToOthers) {
  EXPECT_EQ(read("<|channel|>commentary to=python code<|message|>rm()<|call|><|start|>assistant"
                 "<|channel|>final<|message|>Done."),
            "Done.");
}

TEST(HarmonyFormat, TakesTextWithoutHeaderAsContent) {
  EXPECT_EQ(read("Just text <| with < signs"), "Just text <| with < signs");
  EXPECT_EQ(read(" to the point"), " to the point");
}

TEST(HarmonyFormat, DropsAHeaderThatWasCutOff) {
  EXPECT_EQ(read("<|channel|>analysis<|message|>Hm.<|end|><|start|>assist"), "(Hm.)");
}

TEST(HarmonyFormat, KeepsWhatACallGotBeforeItWasCut) {
  EXPECT_EQ(read("<|channel|>commentary to=functions.look_up<|message|>{\"word\": \"ab"),
            R"([look_up {"word":"ab])");
}

TEST(HarmonyFormat, GoesOnWhereThePromptLeftOff) {
  EXPECT_EQ(read(" world", {AnswerStart::Content}), " world");
  EXPECT_EQ(
      read("hm<|end|><|start|>assistant<|channel|>final<|message|>x", {AnswerStart::Reasoning}),
      "(hm)x");
}

TEST(HarmonyFormat, LeavesThoughtsInTheContentWhenAsked) {
  EXPECT_EQ(read("<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final"
                 "<|message|>Yes.",
                 {AnswerStart::Open, false}),
            "Hm.Yes.");
}

}  // namespace
}  // namespace shimmy::chat
