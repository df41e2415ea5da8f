# What `cmake --install` puts in place: the binary, and the manual page and completions that it writes itself.
include(GNUInstallDirs)

set(written ${PROJECT_BINARY_DIR}/written)
install(CODE "
  file(MAKE_DIRECTORY ${written})
  function(written file)
    execute_process(COMMAND $<TARGET_FILE:shimmy> \${ARGN} OUTPUT_FILE ${written}/\${file} COMMAND_ERROR_IS_FATAL ANY)
  endfunction()
  written(shimmy.1 man)
  written(shimmy.bash completion bash)
  written(_shimmy completion zsh)
  written(shimmy.fish completion fish)
")

install(TARGETS shimmy RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${written}/shimmy.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${written}/shimmy.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME shimmy)
install(FILES ${written}/_shimmy DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${written}/shimmy.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
