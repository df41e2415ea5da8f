#include "cli/run.h"

int main(int argc, char** argv) { return shimmy::cli::run(argc, argv); }
