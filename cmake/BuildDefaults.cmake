# Build type, compiler cache and the warnings that our own targets compile with.
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# CCACHE_BASEDIR and NOHASHDIR let every clone share one cache. The namespace keeps machines with other
# instruction sets apart: ccache's key holds the text "-march=native", not what it stands for.
find_program(SHIMMY_CCACHE ccache)
if(SHIMMY_CCACHE)
  file(STRINGS /proc/cpuinfo cpu_flags REGEX "^(flags|Features)" LIMIT_COUNT 1)
  string(SHA1 cpu_hash "${cpu_flags}")
  string(SUBSTRING ${cpu_hash} 0 12 cpu_hash)
  set(launcher env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_NAMESPACE=${cpu_hash} ${SHIMMY_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

add_library(shimmy_warnings INTERFACE)
target_compile_features(shimmy_warnings INTERFACE cxx_std_23)
target_compile_options(shimmy_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual -Wunused-result -Werror
  # It speaks against designated initialisers that leave the rest to its defaults.
  -Wno-missing-field-initializers
  # g++ 12 warns of overlap in every "literal" + std::string at -O2 (its bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  # At -O3 and with sanitizers g++ 12 sees uninitialised strings in temporaries that were never made; clang's
  # analysis and the sanitizers find the real ones.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
  # g++ reports our own use of deprecated names; clang also stumbles over libstdc++'s in std::stable_sort.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>)
