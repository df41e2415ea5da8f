#include "transfer/libcurl.h"

#include <dlfcn.h>

#include <array>
#include <string>

namespace shimmy::transfer {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

constexpr const char* kRemedy =
    "Install it (on Debian and Ubuntu: apt-get install libcurl4), then repeat.";

void* open_first(std::span<const char* const> names, std::string& reason) {
  for (const char* name : names) {
    if (void* library = dlopen(name, RTLD_NOW | RTLD_LOCAL)) return library;
    if (reason.empty()) reason = dlerror();
  }
  return nullptr;
}

template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

}  // namespace

Result<Libcurl> open_libcurl(std::span<const char* const> names) {
  std::string reason;
  void* library = open_first(names, reason);
  if (library == nullptr) {
    return fail(ErrorCode::Io, "This needs libcurl, which is not installed ({}). {}", reason,
                kRemedy);
  }
  Libcurl curl;
  decltype(&curl_global_init) global_init = nullptr;
  const bool is_complete = find(library, "curl_global_init", global_init) &&
                           find(library, "curl_easy_init", curl.easy_init) &&
                           find(library, "curl_easy_cleanup", curl.easy_cleanup) &&
                           find(library, "curl_easy_setopt", curl.easy_setopt) &&
                           find(library, "curl_easy_strerror", curl.easy_strerror) &&
                           find(library, "curl_multi_init", curl.multi_init) &&
                           find(library, "curl_multi_cleanup", curl.multi_cleanup) &&
                           find(library, "curl_multi_add_handle", curl.multi_add_handle) &&
                           find(library, "curl_multi_remove_handle", curl.multi_remove_handle) &&
                           find(library, "curl_multi_perform", curl.multi_perform) &&
                           find(library, "curl_multi_poll", curl.multi_poll) &&
                           find(library, "curl_multi_wakeup", curl.multi_wakeup) &&
                           find(library, "curl_multi_info_read", curl.multi_info_read) &&
                           find(library, "curl_slist_append", curl.slist_append) &&
                           find(library, "curl_slist_free_all", curl.slist_free_all);
  if (!is_complete) {
    dlclose(library);
    return fail(ErrorCode::Io,
                "The libcurl on this machine is too old: 7.68 or later is needed. {}", kRemedy);
  }
  if (global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return fail(ErrorCode::Io, "libcurl could not be started.");
  }
  return curl;
}

Result<const Libcurl*> libcurl() {
  static const Result<Libcurl> opened = open_libcurl(
      std::array<const char*, 3>{"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.4.dylib"});
  if (!opened) return std::unexpected(opened.error());
  return &*opened;
}

}  // namespace shimmy::transfer
