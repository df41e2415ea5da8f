// A certificate and its key as PEM files, made when a test needs them.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "support/temp_dir.h"

namespace shimmy::support {

// Self-signed, for "localhost", valid from `begin` to `end` as seen from now.
class TlsIdentity {
 public:
  explicit TlsIdentity(std::chrono::seconds begin = -std::chrono::hours(1),
                       std::chrono::seconds end = std::chrono::hours(1));

  std::string certificate() const { return (folder_.path() / "cert.pem").string(); }
  std::string key() const { return (folder_.path() / "key.pem").string(); }
  std::string locked_key() const { return (folder_.path() / "locked.pem").string(); }
  const TempDir& folder() const { return folder_; }

 private:
  const TempDir folder_;
};

}  // namespace shimmy::support
