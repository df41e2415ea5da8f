// SHA-256 of bytes as they come.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace shimmy::pull {

class Sha256 {
 public:
  Sha256();

  void add(std::string_view bytes);

  // 64 hexadecimal digits. Call it once, last.
  std::string finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace shimmy::pull
