#!/bin/sh
# Times the whole way on generated regions and prints a row for each: addresses, seconds, peak memory, gaps.
# VEZEL names a binary that is built already.
# Usage: sh scripts/speed.sh [ADDRESSES...]   (default: 10000 60000 200000). Needs GNU time for the memory.
set -eu
cd "$(dirname "$0")/.."
. scripts/release.sh
echo "| addresses | generate s | reading s | network s | solving s | design s | joint s | writing s | plan s, in all | peak MB | connected | trenches | total |"
echo "|---|---|---|---|---|---|---|---|---|---|---|---|---|"
for count in ${*:-10000 60000 200000}; do
    seconds() { awk '/Elapsed/ { n = split($NF, t, ":"); s = 0; for (i = 1; i <= n; i++) s = s * 60 + t[i]; print s }' "$1"; }
    /usr/bin/time -v -o "$work/g" "$vezel" generate --addresses "$count" --seed 1 -o "$work/$count" -q
    "$vezel" init "$work/$count" 2>/dev/null >/dev/null
    sed -i 's/^area = .*/area = "all"/' "$work/$count/scenario.toml"
    /usr/bin/time -v -o "$work/p" "$vezel" plan "$work/$count/scenario.toml" -o "$work/out$count" -v >"$work/said" 2>"$work/steps" || true
    step() { awk -v name="$1" 'index($0, " s  " name) { print $1 }' "$work/steps"; }
    memory=$(awk '/Maximum resident/ { print int($NF / 1024) }' "$work/p")
    connected=$(awk '/^connected/ { print $2 " of " $4 }' "$work/said")
    trench=$(sed -n 's/^trenches *//p' "$work/said")
    total=$(sed -n 's/^total *//p' "$work/said")
    echo "| $count | $(seconds "$work/g") | $(step reading) | $(step building) | $(step solving) | $(step designing) | $(step joining) | $(step writing) | $(seconds "$work/p") | $memory | $connected | $trench | $total |"
done
