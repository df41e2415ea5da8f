# A thin front: what each target does lives in scripts/.
.DEFAULT_GOAL := help
.PHONY: help run test build lint fuzz bench clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

run: build ## set up, build, get a model if there is none, start the server
	@scripts/run

test: ## set up, build, run every test
	@scripts/test

build: ## set up and build build/release/shimmy
	@scripts/setup
	@scripts/build release shimmy

lint: ## format and clang-tidy of the changed files
	@scripts/setup --lint
	@scripts/lint

fuzz: ## build the fuzzers and run each for a bounded time
	@scripts/setup --lint
	@scripts/fuzz

bench: ## build and run the benchmarks
	@scripts/setup
	@scripts/bench

clean: ## remove everything that was built
	@rm -rf build
