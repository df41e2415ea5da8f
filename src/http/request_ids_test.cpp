#include "http/request_ids.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace shimmy::http {
namespace {

TEST(RequestIds, HaveTheirFormAndNeverRepeat) {
  RequestIds ids;
  RequestIds others;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    for (const std::string& id : {ids.next(), others.next()}) {
      ASSERT_EQ(id.size(), 36U);
      ASSERT_TRUE(id.starts_with("req_"));
      ASSERT_EQ(id.find_first_not_of("0123456789abcdef", 4), std::string::npos) << id;
      ASSERT_TRUE(seen.insert(id).second) << id;
    }
  }
}

}  // namespace
}  // namespace shimmy::http
