// libcurl's functions, looked up in the library when the first transfer needs them.
#pragma once

#include <curl/curl.h>

#include <span>

#include "base/error.h"

namespace shimmy::transfer {

struct Libcurl {
  decltype(&curl_easy_init) easy_init = nullptr;
  decltype(&curl_easy_cleanup) easy_cleanup = nullptr;
  CURLcode (*easy_setopt)(CURL*, CURLoption, ...) = nullptr;
  decltype(&curl_easy_strerror) easy_strerror = nullptr;
  decltype(&curl_multi_init) multi_init = nullptr;
  decltype(&curl_multi_cleanup) multi_cleanup = nullptr;
  decltype(&curl_multi_add_handle) multi_add_handle = nullptr;
  decltype(&curl_multi_remove_handle) multi_remove_handle = nullptr;
  decltype(&curl_multi_perform) multi_perform = nullptr;
  decltype(&curl_multi_poll) multi_poll = nullptr;
  decltype(&curl_multi_wakeup) multi_wakeup = nullptr;
  decltype(&curl_multi_info_read) multi_info_read = nullptr;
  decltype(&curl_slist_append) slist_append = nullptr;
  decltype(&curl_slist_free_all) slist_free_all = nullptr;
};

// Opens the first library of `names` that is there; it stays open. Fails with Io, naming the
// package to install.
base::Result<Libcurl> open_libcurl(std::span<const char* const> names);

// The same for the names that libcurl goes by, once for the whole process. Any thread.
base::Result<const Libcurl*> libcurl();

}  // namespace shimmy::transfer
