#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# rayon.sh SOURCES BENCH OUT: builds the Rayon peer from the crates that Debian
# packages (librust-rayon-dev), without network, in BENCH/peers/rayon.build, and
# links BENCH/libleaf.a.  Uses the cargo and rustc of PATH; both say which below.
set -eu
sources=$1
bench=$(cd "$2" && pwd)
out=$(cd "$(dirname "$3")" && pwd)/$(basename "$3")
registry=${FILCH_CARGO_REGISTRY:-/usr/share/cargo/registry}
work=$bench/peers/rayon.build

mkdir -p "$work/.cargo"
cp "$sources"/Cargo.toml "$sources"/*.rs "$work"
# Everything here stands in for crates.io.
cat > "$work/.cargo/config.toml" <<END
[source.crates-io]
replace-with = "packaged"
[source.packaged]
directory = "$registry"
END
cd "$work"
rustc --version
RUSTFLAGS="-C target-cpu=native -L native=$bench -l static=leaf -l m" \
CARGO_TARGET_DIR=$work/target \
	cargo build --offline --release --quiet
cp target/release/rayon-peer "$out"
