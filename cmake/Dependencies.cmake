# Debian's packages, static where Debian ships an archive.
set(Boost_USE_STATIC_LIBS ON)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS headers json)
find_package(CLI11 CONFIG REQUIRED)
find_package(Threads REQUIRED)
set(OPENSSL_USE_STATIC_LIBS ON)
find_package(OpenSSL 3.0 REQUIRED)
set(ZLIB_USE_STATIC_LIBS ON)
find_package(ZLIB REQUIRED)

# Debian has fmt as a shared library or as headers only. One unit of our own makes it static, so that the
# binary needs no libfmt and no unit but this one compiles fmt's implementation.
find_package(fmt CONFIG REQUIRED)
add_library(shimmy_fmt STATIC ${PROJECT_SOURCE_DIR}/cmake/fmt_static.cpp)
get_target_property(fmt_headers fmt::fmt INTERFACE_INCLUDE_DIRECTORIES)
target_include_directories(shimmy_fmt SYSTEM PUBLIC ${fmt_headers})
target_compile_features(shimmy_fmt PUBLIC cxx_std_20)

# The same for toml++, whose implementation takes long to compile where it comes with the headers.
find_package(tomlplusplus CONFIG REQUIRED)
add_library(shimmy_toml STATIC ${PROJECT_SOURCE_DIR}/cmake/toml_static.cpp)
get_target_property(toml_headers tomlplusplus::tomlplusplus INTERFACE_INCLUDE_DIRECTORIES)
target_include_directories(shimmy_toml SYSTEM PUBLIC ${toml_headers})
target_compile_definitions(shimmy_toml PUBLIC TOML_HEADER_ONLY=0)
target_compile_features(shimmy_toml PUBLIC cxx_std_20)

if(SHIMMY_TESTS)
  find_package(GTest CONFIG REQUIRED)
endif()
if(SHIMMY_BENCH)
  find_package(benchmark CONFIG REQUIRED)
endif()
