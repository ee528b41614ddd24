# SPDX-License-Identifier: Apache-2.0
# Every target sets up what it needs; see README.md.

SWIFT ?= swift
# One set of flags for product and tests, so that neither makes the other compile anew. Nor may `swift test` compile: it adds a
# second -enable-testing of its own, for which everything would be compiled again, each time that tests and product take turns.
FLAGS = -c release -Xswiftc -enable-testing
BUILD_TESTS = $(SWIFT) build $(FLAGS) --build-tests
RUN_TESTS = $(SWIFT) test $(FLAGS) --skip-build
BASALT = .build/release/basalt
DEFINITION ?= definitions/debian-base/13.yaml
KEY ?= keys/signing/basalt.key

.PHONY: all build image test check format lint bench interop smoke differential fuzz setup setup-tests clean

all: build

setup:
	@scripts/setup

setup-tests:
	@scripts/setup --tests

build: setup
	$(SWIFT) build $(FLAGS) --product basalt

# One command from a fresh clone to a signed image with its evidence, for both platforms.
image: build
	@test -f $(KEY) || $(BASALT) key generate --no-password --output $(KEY)
	$(BASALT) build $(DEFINITION) --key $(KEY) --output out

# Tests are built as the product is, optimised: they read indexes of 50 MB.
test: setup-tests
	$(BUILD_TESTS)
	$(RUN_TESTS)

check: lint test

lint:
	$(SWIFT) format lint --strict --parallel --recursive Sources Tests Package.swift
	$(SWIFT) build $(FLAGS) --explicit-target-dependency-import-check error

format:
	$(SWIFT) format --in-place --parallel --recursive Sources Tests Package.swift

# Figures, next to other tools in the same run; never asserted.
bench: build
	@scripts/bench

# Other projects' programs on what we make, and on what somebody else made of it. Installs them into .build/verifiers.
interop: build
	@Tests/Interop/run

# Builds and runs every image of Debian's definitions, on amd64 and, emulated, arm64; needs root. SMOKE="--apt all" also
# installs packages in every dev image.
SMOKE ?= --apt debian-base
smoke: setup-tests build
	Tests/Smoke/run $(SMOKE)

# Compares with trees in which apt and dpkg ran every script; needs root. SUITES="trixie bookworm" for both.
SUITES ?= trixie
TREES ?= .build/differential
differential: setup-tests
	scripts/differential-trees $(TREES) "$(SUITES)"
	$(BUILD_TESTS)
	BASALT_DIFFERENTIAL=$(abspath $(TREES)) $(RUN_TESTS) --filter DifferentialTests

# Hostile input for the parsers, for a bounded time.
fuzz: setup
	Fuzz/run 60

clean:
	rm -rf .build
