#include "pull/reference.h"

#include <gtest/gtest.h>

namespace shimmy::pull {
namespace {

// The kind, then what it names.
std::string read(std::string_view text) {
  const auto reference = parse_reference(text);
  if (!reference) return "refused";
  switch (reference->kind) {
    case ReferenceKind::Hub: {
      const std::string& revision = reference->revision;
      return "hub " + reference->repository + '|' + reference->wanted +
             (revision == "main" ? "" : '@' + revision);
    }
    case ReferenceKind::Registry:
      return "registry " + reference->host + '|' + reference->repository + '|' + reference->wanted;
    case ReferenceKind::Address: return "address " + reference->url;
  }
  return {};
}

TEST(Reference, IsARepositoryOfTheHubWithTwoParts) {
  EXPECT_EQ(read("org/repo"), "hub org/repo|");
  EXPECT_EQ(read("org/repo:Q8_0"), "hub org/repo|Q8_0");
  EXPECT_EQ(read("hf.co/org/repo:Q8_0"), "hub org/repo|Q8_0");
  EXPECT_EQ(read("huggingface.co/org/repo"), "hub org/repo|");
  EXPECT_EQ(read("https://huggingface.co/org/repo/"), "hub org/repo|");
  EXPECT_EQ(read("HTTPS://HF.co/org/repo:Q8_0"), "hub org/repo|Q8_0");
}

TEST(Reference, NamesAFileOfARepository) {
  EXPECT_EQ(read("org/repo/file.gguf"), "hub org/repo|file.gguf");
  EXPECT_EQ(read("org/repo/Q8/file.gguf"), "hub org/repo|Q8/file.gguf");
  EXPECT_EQ(read("https://hf.co/org/repo/resolve/main/file.gguf?download=true"),
            "hub org/repo|file.gguf");
  EXPECT_EQ(read("https://hf.co/org/repo/blob/v2/sub/file.gguf"), "hub org/repo|sub/file.gguf@v2");
  EXPECT_EQ(read("https://hf.co/org/repo/tree/v2"), "hub org/repo|@v2");
}

TEST(Reference, IsAModelOfTheRegistryWithOnePart) {
  EXPECT_EQ(read("qwen3:0.6b"), "registry |library/qwen3|0.6b");
  EXPECT_EQ(read("qwen3"), "registry |library/qwen3|latest");
  EXPECT_EQ(read("ollama.com/qwen3:0.6b"), "registry |library/qwen3|0.6b");
  EXPECT_EQ(read("ollama.com/library/qwen3:0.6b"), "registry |library/qwen3|0.6b");
  EXPECT_EQ(read("https://ollama.com/someone/model"), "registry |someone/model|latest");
  EXPECT_EQ(read("registry.ollama.ai/library/qwen3"), "registry |library/qwen3|latest");
}

TEST(Reference, NamesAModelOfAnotherRegistryByItsHost) {
  EXPECT_EQ(read("models.example/team/model:v1"), "registry models.example|team/model|v1");
  EXPECT_EQ(read("localhost:5000/team/model"), "registry localhost:5000|team/model|latest");
  EXPECT_EQ(read("host:5000/model:v1"), "registry host:5000|library/model|v1");
}

TEST(Reference, IsTheAddressOfAFile) {
  EXPECT_EQ(read("https://host/a/b.gguf"), "address https://host/a/b.gguf");
  EXPECT_EQ(read("http://host:8080/b.GGUF?key=1"), "address http://host:8080/b.GGUF?key=1");
}

TEST(Reference, RefusesWhatNamesNothing) {
  for (const std::string_view text : {"",
                                      "/",
                                      "/etc/passwd",
                                      "./model.gguf",
                                      "../model.gguf",
                                      "org/",
                                      "org/..",
                                      "../repo",
                                      "org/repo:../x",
                                      "org/.hidden",
                                      "-flag",
                                      "org/-repo",
                                      "a b/c",
                                      "org/repo:a b",
                                      "name:",
                                      "https://host/",
                                      "https://host/file.zip",
                                      "ftp://host/a.gguf",
                                      "https://hf.co/org",
                                      "https://hf.co/org/repo/resolve/../x.gguf",
                                      "ollama.com/a/b/c",
                                      "org/re\npo",
                                      "hf.co/",
                                      "\x1b[2J/x"}) {
    const auto reference = parse_reference(text);
    ASSERT_FALSE(reference) << text << " is " << read(text);
    EXPECT_EQ(reference.error().code, base::ErrorCode::InvalidRequest) << text;
  }
}

TEST(Reference, IsWrittenAsItIsRead) {
  for (const std::string_view text :
       {"org/repo", "org/repo:Q8_0", "org/repo/sub/file.gguf", "qwen3:0.6b", "someone/model",
        "localhost:5000/team/model:v1"}) {
    const auto reference = parse_reference(text);
    ASSERT_TRUE(reference) << text;
    EXPECT_EQ(text_of(*reference), text);
  }
  EXPECT_EQ(text_of(*parse_reference("https://me:pw@host/b.gguf?key=1")), "https://host/b.gguf");
}

}  // namespace
}  // namespace shimmy::pull
