# For the scripts that measure, which source it from the top folder: `vezel` is a release binary, `work` a folder of its own.
# VEZEL names a binary that is built already.
if [ -z "${VEZEL:-}" ]; then
    sh scripts/setup.sh
    cargo build --release --locked
fi
vezel=${VEZEL:-target/release/vezel}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
