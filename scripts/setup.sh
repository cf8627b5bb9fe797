#!/bin/sh
# Installs what the build needs besides Rust and a C compiler: cmake, a C++ compiler and libclang (for HiGHS).
# Does nothing where they are there already; asks for them in plain words where it cannot install them.
set -eu

missing=""
command -v cargo >/dev/null 2>&1 || { echo "Rust is missing: install it from https://rustup.rs and run this again." >&2; exit 1; }
command -v cmake >/dev/null 2>&1 || missing="$missing cmake"
command -v c++ >/dev/null 2>&1 || command -v g++ >/dev/null 2>&1 || missing="$missing g++"
has_libclang() {
    [ -n "${LIBCLANG_PATH:-}" ] && return 0
    for place in /usr/lib /usr/lib64 /usr/local/lib /opt/homebrew/opt/llvm/lib /Library/Developer/CommandLineTools/usr/lib; do
        [ -d "$place" ] && [ -n "$(find "$place" -maxdepth 4 \( -name 'libclang.so*' -o -name 'libclang-[0-9]*.so*' -o -name 'libclang.dylib' \) -print 2>/dev/null | head -n 1)" ] && return 0
    done
    return 1
}
has_libclang || missing="$missing libclang-dev"
[ -z "$missing" ] && exit 0

if command -v apt-get >/dev/null 2>&1; then
    as_root=""
    [ "$(id -u)" -eq 0 ] || as_root="sudo"
    echo "installing:$missing" >&2
    $as_root apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq $missing >/dev/null
else
    echo "Please install these first:$missing (macOS: brew install cmake llvm; Fedora: dnf install cmake gcc-c++ clang-devel)." >&2
    echo "Or build without HiGHS: cargo build --release --no-default-features --features microlp" >&2
    exit 1
fi
