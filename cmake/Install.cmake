# What `cmake --install` puts in place: the binary, and the manual page and completions that it writes itself.
include(GNUInstallDirs)

set(written ${PROJECT_BINARY_DIR}/written)
file(MAKE_DIRECTORY ${written})
add_custom_command(OUTPUT ${written}/shimmy.1 ${written}/shimmy.bash ${written}/_shimmy ${written}/shimmy.fish
  COMMAND shimmy man > ${written}/shimmy.1
  COMMAND shimmy completion bash > ${written}/shimmy.bash
  COMMAND shimmy completion zsh > ${written}/_shimmy
  COMMAND shimmy completion fish > ${written}/shimmy.fish
  DEPENDS shimmy VERBATIM)
add_custom_target(shimmy_written ALL DEPENDS ${written}/shimmy.1)

install(TARGETS shimmy RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${written}/shimmy.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${written}/shimmy.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME shimmy)
install(FILES ${written}/_shimmy DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${written}/shimmy.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
