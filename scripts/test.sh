#!/bin/sh
# Runs all tests. Needs nothing but Rust and a C compiler; installs the rest.
set -eu
cd "$(dirname "$0")/.."
sh scripts/setup.sh
cargo test --locked
