#!/bin/sh
# Plans the sample region and says where to look. Needs nothing but Rust and a C compiler; installs the rest.
set -eu
cd "$(dirname "$0")/.."
sh scripts/setup.sh
cargo run --release --locked -- plan data/achterhoek-sample/scenario.toml -o out/sample --force
cargo run --release --locked -q -- check out/sample --inputs data/achterhoek-sample
