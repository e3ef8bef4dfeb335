#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# balance.sh ROUNDS LOADS PROGRAM...: runs the programs in turns and prints the medians
# over the rounds, then what LOADS loads of any skew show on 4 workers.
set -eu
rounds=$1 loads=$2
shift 2
rows=$(mktemp) || exit 1
trap 'rm -f "$rows"' EXIT

# A row for each library and schedule, a column for each load: in the order they came.
# shellcheck disable=SC2016 # awk's variables
medians='
function median(list,    n, i, k, v, a) {
	n = split(list, a, " ")
	for (i = 2; i <= n; i++)
		for (k = i; k > 1 && a[k - 1] + 0 > a[k] + 0; k--) {
			v = a[k]; a[k] = a[k - 1]; a[k - 1] = v
		}
	return n % 2 ? a[(n + 1) / 2] : (a[n / 2] + a[n / 2 + 1]) / 2
}
{
	row = $1 " " $2
	if (!(row in row_seen)) { row_seen[row] = 1; row_at[++row_count] = row }
	if (!($3 in load_seen)) { load_seen[$3] = 1; load_at[++load_count] = $3 }
	list[row, $3] = list[row, $3] " " $4
}
END {
	printf "%-22s", ""
	for (l = 1; l <= load_count; l++) printf "%12s", load_at[l]
	print ""
	for (r = 1; r <= row_count; r++) {
		printf "%-22s", row_at[r]
		for (l = 1; l <= load_count; l++)
			printf "%12s", list[row_at[r], load_at[l]] == "" ? "-" \
			    : sprintf("%.2f", median(list[row_at[r], load_at[l]]))
		print ""
	}
}'

for how in "spin 2" "sleep 4" "sleep 16"; do
	: >"$rows"
	for _ in $(seq "$rounds"); do
		for program; do
			# shellcheck disable=SC2086 # two words
			"$program" $how >>"$rows"
		done
	done
	echo "Time over the bound, bodies that ${how% *}, ${how#* } workers; median of $rounds:"
	awk "$medians" "$rows"
	echo
done

# In parts, so that no library has the machine to itself for long.
: >"$rows"
for part in $(seq 10); do
	"$1" list 4 $((part * 1000000)) $((loads / 10)) >>"$rows"
	for program; do
		"$program" random 4 $((part * 1000000)) $((loads / 10)) >>"$rows"
	done
done
echo "$((loads / 10 * 10)) random loads, 4 workers: time over the bound," \
    "and loads beyond 1.15 of it plus 1 ms"
echo "(list: scheduling that costs nothing and does not know what an index lasts)"
awk '{
	row = $1 " " $2
	if (!(row in n)) at[++rows] = row
	n[row]++
	sum[row] += $4
	if ($4 > worst[row]) worst[row] = $4
	if ($5 > 0.15 * $6 + 1) late[row]++
}
END {
	for (r = 1; r <= rows; r++)
		printf "%-22s mean %.3f, worst %.2f, late %d of %d\n", at[r],
		    sum[at[r]] / n[at[r]], worst[at[r]], late[at[r]], n[at[r]]
}' "$rows"
