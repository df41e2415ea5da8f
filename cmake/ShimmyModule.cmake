# shimmy_module(<folder> SOURCES … DEPENDS … [LIBRARIES …] [TESTS … [TEST_DEPENDS …]])
# One folder of src/ = the static library shimmy_<folder> and the test program shimmy_<folder>_test.
# DEPENDS are visible to users of the library, LIBRARIES stay inside its .cpp files.
function(shimmy_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;TESTS;DEPENDS;LIBRARIES;TEST_DEPENDS" ${ARGN})
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "shimmy_module(${name}): what is ${arg_UNPARSED_ARGUMENTS}?")
  endif()
  add_library(shimmy_${name} STATIC ${arg_SOURCES})
  target_include_directories(shimmy_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(shimmy_${name} PUBLIC ${arg_DEPENDS} PRIVATE ${arg_LIBRARIES} shimmy_warnings)
  target_compile_features(shimmy_${name} PUBLIC cxx_std_23)
  if(SHIMMY_TESTS AND arg_TESTS)
    add_executable(shimmy_${name}_test ${arg_TESTS})
    target_include_directories(shimmy_${name}_test PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    target_link_libraries(shimmy_${name}_test PRIVATE
      shimmy_${name} ${arg_LIBRARIES} ${arg_TEST_DEPENDS} shimmy_warnings GTest::gmock GTest::gtest_main)
    # Tests spend their time in the libraries: to optimise them, too, would make the build a third longer.
    if(CMAKE_BUILD_TYPE STREQUAL Release)
      target_compile_options(shimmy_${name}_test PRIVATE -O0)
    endif()
    gtest_discover_tests(shimmy_${name}_test DISCOVERY_MODE PRE_TEST TEST_PREFIX "${name}/"
                         PROPERTIES LABELS unit TIMEOUT 60)
  endif()
endfunction()
