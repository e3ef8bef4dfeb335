#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# rust.sh SOURCES WORK OUT: builds the Rust channels' benchmark from the crates
# that Debian packages (librust-crossbeam-channel-dev), without network.
set -eu
sources=$1
mkdir -p "$2/.cargo"
work=$(cd "$2" && pwd)
out=$(cd "$(dirname "$3")" && pwd)/$(basename "$3")
registry=${FILCH_CARGO_REGISTRY:-/usr/share/cargo/registry}

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
RUSTFLAGS="-C target-cpu=native" CARGO_TARGET_DIR=$work/target \
	cargo build --offline --release --quiet
cp target/release/channel-peers "$out"
