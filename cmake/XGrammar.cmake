# XGrammar's C++ core, static: no Python, no bindings.
if(NOT SHIMMY_XGRAMMAR_SOURCE_DIR)
  execute_process(COMMAND ${PROJECT_SOURCE_DIR}/scripts/fetch-xgrammar
                  OUTPUT_VARIABLE xgrammar_source OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
else()
  set(xgrammar_source ${SHIMMY_XGRAMMAR_SOURCE_DIR})
endif()

# All of cpp/ but its Python bindings.
file(GLOB xgrammar_files CONFIGURE_DEPENDS
     ${xgrammar_source}/cpp/*.cc ${xgrammar_source}/cpp/support/*.cc ${xgrammar_source}/cpp/converter_ext/*.cc)
if(NOT xgrammar_files)
  message(FATAL_ERROR "${xgrammar_source} holds no XGrammar source: SHIMMY_XGRAMMAR_SOURCE_DIR must name a checkout of it.")
endif()

add_library(shimmy_xgrammar STATIC EXCLUDE_FROM_ALL ${xgrammar_files} ${PROJECT_SOURCE_DIR}/cmake/xgrammar_log.cpp)
target_include_directories(shimmy_xgrammar SYSTEM PUBLIC
  ${xgrammar_source}/include ${xgrammar_source}/3rdparty/dlpack/include PRIVATE ${xgrammar_source}/3rdparty/picojson)
target_compile_features(shimmy_xgrammar PRIVATE cxx_std_17)
target_compile_definitions(shimmy_xgrammar PRIVATE
  XGRAMMAR_ENABLE_CPPTRACE=0 XGRAMMAR_ENABLE_INTERNAL_CHECK=0 XGRAMMAR_LOG_CUSTOMIZE=1 NDEBUG)
# Optimised in every build, since masks are made between two steps of the model; symbols of it help nobody.
target_compile_options(shimmy_xgrammar PRIVATE -w -O2 -g0)
target_link_libraries(shimmy_xgrammar PUBLIC Threads::Threads)
