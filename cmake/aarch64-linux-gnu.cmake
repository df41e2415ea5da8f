# For 64-bit ARM on any other machine: Debian's cross compiler builds, and qemu runs what was built.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
# Debian's libraries are this machine's; headers without code of their own, fmt's and spdlog's, serve every machine.
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE NEVER)
# Signing of pointers, which takes qemu longer than all else, is left out.
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static;-cpu;max,pauth=off;-L;/usr/aarch64-linux-gnu)
