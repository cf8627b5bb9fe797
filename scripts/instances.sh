#!/bin/sh
# Solves the published instances and prints a row for each: value, bound, gap, seconds, peak memory. Tree and certificate
# of each are then given to the judge (vezel check): it must confirm the value, and tells the bound that it confirms.
# VEZEL names a binary that is built already; LIMIT the seconds for each, certificate included (default 60).
# Usage: sh scripts/instances.sh FOLDER [NAME...]   FOLDER holds best_known.csv; default: every instance in it.
# Needs GNU time for the memory.
set -eu
folder=$(cd "$1" && pwd)
shift
cd "$(dirname "$0")/.."
. scripts/release.sh
echo "| instance | family | edges | left | value | bound | gap % | confirmed bound | confirmed gap % | best known | above it % | seconds | MB |"
echo "|---|---|---|---|---|---|---|---|---|---|---|---|---|"
tail -n +2 "$folder/best_known.csv" | tr -d '\r' | while IFS= read -r line; do
    name=${line%%,*}
    [ $# -eq 0 ] || case " $* " in *" $name "*) ;; *) continue ;; esac
    family=$(echo "$line" | cut -d, -f2)
    best=$(echo "$line" | cut -d, -f6)
    file="$folder/${line##*,}"
    status=0
    /usr/bin/time -f %M -o "$work/memory" "$vezel" solve "$file" --time-limit "${LIMIT:-60}" -q \
        --solution "$work/tree" --certificate "$work/cuts" >"$work/said" </dev/null || status=$?
    # 5: the time limit was reached with a valid tree.
    [ "$status" -eq 0 ] || [ "$status" -eq 5 ] || { echo "$name: vezel ended with $status" >&2; exit 1; }
    "$vezel" check "$file" --solution "$work/tree" --certificate "$work/cuts" >>"$work/said" </dev/null ||
        { echo "$name: the judge refuses the answer" >&2; tail -3 "$work/said" >&2; exit 1; }
    awk -v name="$name" -v family="$family" -v best="$best" -v memory="$(tail -1 "$work/memory")" '
        $1 == "value" { value = $2 } $1 == "bound" { bound = $2 } $1 == "gap" { gap = $2 } $1 == "seconds" { seconds = $2 }
        $1 == "edges" { edges = $2; left = $5 }
        $1 == "confirmed:" && $3 == "value" { judged = $4 } $1 == "confirmed:" && $3 == "bound" { confirmed = $4 }
        END {
            weaker = 0
            if (value > 0) weaker = 100 * (value - confirmed) / value
            if (judged != value) { print name ": the judge has another value" > "/dev/stderr"; exit 1 }
            printf "| %s | %s | %s | %s | %s | %s | %s | %s | %.4f | %s | %.4f | %s | %d |\n", name, family, edges, left, value,
                bound, gap, confirmed, weaker, best, 100 * (value - best) / best,
                seconds, memory / 1024
        }' "$work/said"
done
