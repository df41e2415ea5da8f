# ggml's compute threads wait for each other at a barrier, hundreds of times for a token, by spinning without end. Where
# two of them share a core (another program has the other one, or a model is loading), whoever spins burns the time
# slice that the awaited thread needs: a step of 10 ms takes seconds. Here they spin for as long as a wait usually
# takes, and then let others run (docs/decisions/0024). ggml-cpu.c is compiled from a copy with this one change.
set(spinning [=[
    while (atomic_load_explicit(&tp->n_barrier_passed, memory_order_relaxed) == n_passed) {
        ggml_thread_cpu_relax();
    }
]=])
set(yielding [=[
    int spins = 0;
    while (atomic_load_explicit(&tp->n_barrier_passed, memory_order_relaxed) == n_passed) {
        if (spins < SHIMMY_BARRIER_SPINS) {
            spins++;
            ggml_thread_cpu_relax();
        } else {
            sched_yield();
        }
    }
]=])

set(original ${llama_source}/ggml/src/ggml-cpu/ggml-cpu.c)
set(changed ${PROJECT_BINARY_DIR}/llama.cpp/ggml-cpu-yielding.c)
file(READ ${original} text)
string(FIND "${text}" "${spinning}" first)
string(FIND "${text}" "${spinning}" last REVERSE)
if(first EQUAL -1 OR NOT first EQUAL last)
  message(FATAL_ERROR "ggml_barrier in ${original} is not what cmake/YieldingBarrier.cmake changes: look at both.")
endif()
string(REPLACE "${spinning}" "${yielding}" text "${text}")
file(CONFIGURE OUTPUT ${changed} CONTENT "${text}" @ONLY)

get_target_property(sources ggml-cpu SOURCES)
list(TRANSFORM sources REPLACE "^(.*/)?ggml-cpu\\.c$" ${changed})
set_target_properties(ggml-cpu PROPERTIES SOURCES "${sources}")
# About 20 µs: longer than two threads with equal parts of the work are apart, far shorter than a time slice.
set_source_files_properties(${changed} TARGET_DIRECTORY ggml-cpu PROPERTIES
  INCLUDE_DIRECTORIES ${llama_source}/ggml/src/ggml-cpu
  COMPILE_DEFINITIONS SHIMMY_BARRIER_SPINS=1000)
