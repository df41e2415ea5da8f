// What decoders say of a wrong request.
#pragma once

#include <gtest/gtest.h>

#include <string_view>

#include "base/error.h"

namespace shimmy::support {

// `given`, for the message, was refused because of the field `param`, for that reason.
template <class T>
void expect_refused(const base::Result<T>& result, std::string_view given, std::string_view param,
                    std::string_view reason) {
  ASSERT_FALSE(result) << given;
  EXPECT_EQ(result.error().code, base::ErrorCode::InvalidRequest) << given;
  EXPECT_NE(result.error().message, "") << given;
  EXPECT_EQ(result.error().param, param) << given << ": " << result.error().message;
  EXPECT_EQ(result.error().reason, reason) << given;
}

}  // namespace shimmy::support
