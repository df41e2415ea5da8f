# src/kernels, what it needs and its tests, and of Debian's libraries only what is headers or source: the rest is there
# for the CPU of this machine alone.
add_library(shimmy_fmt STATIC ${PROJECT_SOURCE_DIR}/cmake/fmt_static.cpp)
target_compile_features(shimmy_fmt PUBLIC cxx_std_20)
find_package(Threads REQUIRED)
include(Llama)
include(ShimmyModule)

# The tests of base need more than the kernels'.
set(SHIMMY_TESTS OFF)
add_subdirectory(src/base)
set(SHIMMY_TESTS ON)
include(GoogleTest)
add_subdirectory(/usr/src/googletest googletest EXCLUDE_FROM_ALL SYSTEM)
add_subdirectory(src/kernels)
