# llama.cpp as part of our tree: libllama, ggml and llama-common, static; never its server, tools or downloader.
if(NOT SHIMMY_LLAMA_SOURCE_DIR)
  execute_process(COMMAND ${PROJECT_SOURCE_DIR}/scripts/fetch-llama
                  OUTPUT_VARIABLE llama_source OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
else()
  set(llama_source ${SHIMMY_LLAMA_SOURCE_DIR})
endif()

function(llama_option name value)
  set(${name} ${value} CACHE STRING "" FORCE)
endfunction()

foreach(part TOOLS EXAMPLES TESTS SERVER APP UI MTMD)
  llama_option(LLAMA_BUILD_${part} OFF)
endforeach()
llama_option(BUILD_SHARED_LIBS OFF)
llama_option(LLAMA_BUILD_COMMON ON)
llama_option(LLAMA_BUILD_IS_DEV OFF)
llama_option(LLAMA_USE_PREBUILT_UI OFF)
llama_option(LLAMA_OPENSSL OFF)
llama_option(LLAMA_SUBPROCESS OFF)
llama_option(LLAMA_ALL_WARNINGS OFF)
llama_option(GGML_OPENMP OFF)
llama_option(GGML_CCACHE OFF)
# Pinned: our own commits must not find their way into its build and recompile it.
llama_option(LLAMA_BUILD_COMMIT de3ff815)
llama_option(LLAMA_BUILD_NUMBER 0)

if(SHIMMY_CPU STREQUAL native)
  llama_option(GGML_NATIVE ON)
else()
  llama_option(GGML_NATIVE OFF)
endif()
if(SHIMMY_CPU STREQUAL avx2)
  foreach(feature SSE42 AVX AVX2 FMA F16C BMI2)
    llama_option(GGML_${feature} ON)
  endforeach()
endif()

set(ENV{GIT_CEILING_DIRECTORIES} ${llama_source})
add_subdirectory(${llama_source} llama.cpp EXCLUDE_FROM_ALL SYSTEM)

# What src/llama links: the only door to llama.cpp.
add_library(shimmy_llama_cpp INTERFACE)
target_link_libraries(shimmy_llama_cpp INTERFACE llama-common llama ggml)
include(${PROJECT_SOURCE_DIR}/cmake/YieldingBarrier.cmake)
