# For everything that comes after this file, which is our own code: llama.cpp stays as the release build has it, so
# that a sanitized build costs minutes less and needs no suppressions for code that is not ours.
if(SHIMMY_SANITIZE)
  add_compile_options(-fsanitize=${SHIMMY_SANITIZE} -fno-omit-frame-pointer -O1 -g -UNDEBUG)
  add_link_options(-fsanitize=${SHIMMY_SANITIZE})
endif()
if(SHIMMY_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
