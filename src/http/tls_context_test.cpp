#include "http/tls_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "support/tls_identity.h"

namespace shimmy::http {
namespace {

using std::chrono::hours;
using support::TlsIdentity;
using testing::AllOf;
using testing::HasSubstr;

std::string failure_of(const std::string& certificate, const std::string& key) {
  const auto context = TlsContext::load(certificate, key);
  if (context) return "";
  EXPECT_EQ(context.error().code, base::ErrorCode::Io);
  return context.error().message;
}

TEST(TlsContext, LoadsACertificateAndItsKey) {
  const TlsIdentity identity;
  const auto context = TlsContext::load(identity.certificate(), identity.key());
  ASSERT_TRUE(context) << context.error().message;
  EXPECT_NE((*context)->handle(), nullptr);
}

TEST(TlsContext, NamesAFileThatIsNotThere) {
  const TlsIdentity identity;
  EXPECT_THAT(failure_of("/no/cert.pem", identity.key()),
              AllOf(HasSubstr("certificate /no/cert.pem"), HasSubstr("No such file")));
  EXPECT_THAT(failure_of(identity.certificate(), "/no/key.pem"),
              AllOf(HasSubstr("key /no/key.pem"), HasSubstr("No such file")));
}

TEST(TlsContext, NamesAFileThatCannotBeRead) {
  const TlsIdentity identity;
  const std::string folder = identity.folder().path().string();
  EXPECT_THAT(failure_of(folder, identity.key()), AllOf(HasSubstr(folder), HasSubstr("directory")));
}

TEST(TlsContext, NamesAFileThatMayNotBeRead) {
  const TlsIdentity identity;
  if (::geteuid() == 0) GTEST_SKIP() << "root reads everything";
  std::filesystem::permissions(identity.key(), std::filesystem::perms::none);
  EXPECT_THAT(failure_of(identity.certificate(), identity.key()), HasSubstr("Permission denied"));
}

TEST(TlsContext, NamesAFileThatIsEmptyOrNoPem) {
  const TlsIdentity identity;
  const std::string empty = identity.folder().write("empty.pem", "").string();
  const std::string text = identity.folder().write("text.pem", "hello\n").string();
  EXPECT_THAT(failure_of(empty, identity.key()), AllOf(HasSubstr(empty), HasSubstr("empty")));
  EXPECT_THAT(failure_of(text, identity.key()),
              AllOf(HasSubstr(text), HasSubstr("BEGIN CERTIFICATE")));
  EXPECT_THAT(failure_of(identity.certificate(), text),
              AllOf(HasSubstr(text), HasSubstr("BEGIN PRIVATE KEY")));
}

TEST(TlsContext, TellsFilesThatAreSwapped) {
  const TlsIdentity identity;
  EXPECT_THAT(failure_of(identity.key(), identity.certificate()), HasSubstr(identity.key()));
}

TEST(TlsContext, TellsAKeyOfAnotherCertificate) {
  const TlsIdentity identity;
  const TlsIdentity other;
  EXPECT_THAT(failure_of(identity.certificate(), other.key()),
              AllOf(HasSubstr(other.key()), HasSubstr("not that of the certificate"),
                    HasSubstr(identity.certificate())));
}

TEST(TlsContext, TellsAKeyThatIsLocked) {
  const TlsIdentity identity;
  EXPECT_THAT(failure_of(identity.certificate(), identity.locked_key()),
              AllOf(HasSubstr("passphrase"), HasSubstr("openssl pkey")));
}

TEST(TlsContext, TellsACertificateThatIsNotValidNow) {
  const TlsIdentity expired(-hours(48), -hours(24));
  EXPECT_THAT(failure_of(expired.certificate(), expired.key()),
              AllOf(HasSubstr(expired.certificate()), HasSubstr("expired on")));
  const TlsIdentity early(hours(24), hours(48));
  EXPECT_THAT(failure_of(early.certificate(), early.key()), HasSubstr("not valid before"));
}

}  // namespace
}  // namespace shimmy::http
