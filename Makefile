# SPDX-License-Identifier: GPL-3.0-or-later
# The door for people. Meson and ninja build; the scripts in tools/ do the rest.

.DEFAULT_GOAL := help
.PHONY: help build run test soak fuzz demo bench format clean

help: ## list what make can do
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

build: ## install what is missing and build; leaves build/unpend and its man pages
	@tools/setup run
	@[ -f build/build.ninja ] || { mkdir -p build && \
		CC=gcc meson setup build -Dtests=false >build/setup.log 2>&1; } || \
		{ cat build/setup.log; exit 1; }
	@ninja -C build unpend unpend.1 unpend.conf.5
	@echo "Built build/unpend and its man pages; try next: build/unpend help; make demo"

run: build ## build and serve on 127.0.0.1:8025, with its data in ./var
	@tools/run

test: ## install what is missing and run every test
	@tools/setup test
	@tools/test

soak: build ## kill -9 a thousand times, check ten million domains: nothing lost or grown
	@tools/setup test
	@tests/faults/run --kills 1000 --workers 3
	@tests/faults/run --kills 300 --workers 2 --store postgres
	@ninja -C build bench/authsim bench/input
	@tests/soak/run

fuzz: ## fuzz what reads the DNS: each target HOURS long (1), and a table of it
	@tools/setup test
	@tools/fuzz --minutes $$((60 * $(or $(HOURS),1)))

demo: build ## serve in a private internet of broken sample domains
	@tools/setup test
	@tools/demo

bench: build ## measure
	@tools/setup bench
	@bench/run
	@bench/engine
	@bench/service
	@bench/scale
	@bench/fair

format: ## let clang-format write all C files
	@git ls-files -co --exclude-standard '*.c' '*.h' | xargs clang-format-14 -i

clean: ## remove what was built; ./var stays
	@rm -rf build build-clang build-asan build-fuzz console/dist
