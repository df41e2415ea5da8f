#include "gguf/foreign_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/gguf_writer.h"

namespace shimmy::gguf {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

std::string kind(const std::string& bytes) {
  return std::string(foreign_kind(std::as_bytes(std::span(bytes))));
}

TEST(ForeignFile, KnowsImagesAndDocuments) {
  EXPECT_EQ(kind("\xff\xd8\xff\xe0"), "a JPEG image");
  EXPECT_EQ(kind("\x89PNG\r\n"), "a PNG image");
  EXPECT_EQ(kind("%PDF-1.7"), "a PDF document");
  EXPECT_EQ(kind("\x7f"
                 "ELF\x02"),
            "a program");
}

TEST(ForeignFile, SaysWhatToDoWithOtherModelFormats) {
  EXPECT_THAT(kind("PK\x03\x04"), HasSubstr("convert it to GGUF"));
  EXPECT_THAT(kind("\x80\x02}q"), HasSubstr("Python pickle"));
  EXPECT_THAT(kind("tjgg\x03\0\0\0"s), HasSubstr("before GGUF"));
  EXPECT_THAT(kind(support::gguf_u64(16) + R"({"a":{"dtype":1}})"), HasSubstr("safetensors"));
}

TEST(ForeignFile, KnowsWhatFailedDownloadsLeave) {
  EXPECT_THAT(kind("version https://git-lfs.github.com/spec/v1\n"), HasSubstr("git lfs pull"));
  EXPECT_THAT(kind("<!DOCTYPE html><html>"), HasSubstr("web page"));
  EXPECT_THAT(kind("<html>"), HasSubstr("web page"));
  EXPECT_THAT(kind(std::string(64, '\0')), HasSubstr("zeros"));
}

TEST(ForeignFile, KnowsArchives) {
  EXPECT_THAT(kind("\x1f\x8b\x08"), HasSubstr("gzip"));
  EXPECT_THAT(kind("\x28\xb5\x2f\xfd"), HasSubstr("zstd"));
}

TEST(ForeignFile, TakesPrintableBytesForText) {
  EXPECT_EQ(kind("Hello, wörld\n"), "a text file");
  EXPECT_EQ(kind("root:x:0:0"), "a text file");
}

TEST(ForeignFile, ClaimsNothingAboutOtherBytes) {
  EXPECT_EQ(kind("\x01\x02\x03\x04\x05\x06\x07\x08"), "");
  EXPECT_EQ(kind("abc\x01"), "");
}

}  // namespace
}  // namespace shimmy::gguf
