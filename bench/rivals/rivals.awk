# SPDX-License-Identifier: BSD-2-Clause
# The tables of rivals.sh, from lines: program kernel threads figure checksum
# steals heavy-fences; of `barrier`: program how threads thief victim calls.

function median(key,   n, i, j, v, t) {
	n = split(values[key], v, " ")
	for (i = 2; i <= n; i++) {
		t = v[i] + 0
		for (j = i - 1; j > 0 && v[j] + 0 > t; j--)
			v[j + 1] = v[j]
		v[j + 1] = t
	}
	return n == 0 ? 0 : (v[int((n + 1) / 2)] + v[int((n + 2) / 2)]) / 2
}

function cell(owner, kernel, unit, scale,   one, two) {
	one = median(owner " " kernel " 1 time") * scale
	two = median(owner " " kernel " 2 time") * scale
	printf "|%s|%.2f|", owner, one
	if (two > 0)
		printf "%.2f|%.2f|%.0f|%.0f", two, one / two, median(owner " " kernel " 2 steals"),
		    median(owner " " kernel " 2 fences")
	else
		printf "-|-|-|-"
	printf "|\n"
}

function table(kernel, title, unit, scale,   i) {
	printf "\n%s\n\n|owner|T1 %s|T2 %s|T1/T2|steals|heavy fences|\n|---|---|---|---|---|---|\n",
	    title, unit, unit
	cell("serial", kernel, unit, scale)
	for (i = 1; i <= n_owners; i++)
		cell(owner[i], kernel, unit, scale)
}

$1 == "barrier" {
	values["thief " $2] = values["thief " $2] " " $4
	values["victim " $2] = values["victim " $2] " " $5
	next
}

{
	key = $1 " " $2 " " $3
	values[key " time"] = values[key " time"] " " $4
	values[key " sum"] = values[key " sum"] " " $5
	values[key " steals"] = values[key " steals"] " " $6
	values[key " fences"] = values[key " fences"] " " $7
	if ($2 == "only" || $2 == "owner" || $2 == "long" || $2 == "pair")
		next
	if (!($2 in right))
		right[$2] = $5
	if (right[$2] != $5) {
		printf "%s %s %s: %s instead of %s\n", $1, $2, $3, $5, right[$2] >"/dev/stderr"
		wrong = 1
	}
}

END {
	if (wrong || NR == 0)
		exit 1
	n_owners = split("asks pays fenced slots the split lent", owner, " ")
	table("fib", "fib(40), ns a call", "ns", 1e9 / 331160281)
	table("binomial", "binomial tree of 3.7 million nodes, ns a node", "ns", 1e9 / 3678545)
	table("wide", "a node with 1024 leaves of 40 ns, us", "us", 1e6 / 200)
	table("coarse", "a node with 1024 leaves of 0.5 us, us", "us", 1e6 / 50)
	printf "\nns, and s of the long tasks\n\n"
	print "|owner|the only record|steal: its owner|steal: the thief" \
	    "|two long|one short, two long|"
	printf "|---|---|---|---|---|---|\n"
	for (i = 1; i <= n_owners; i++)
		printf "|%s|%.1f|%.0f|%.0f|%.3f|%.3f|\n", owner[i],
		    median(owner[i] " only 1 time"), median(owner[i] " owner 2 time"),
		    median(owner[i] " owner 2 sum"), median(owner[i] " pair 2 time"),
		    median(owner[i] " long 2 time")
	printf "\nns a heavy fence\n\n|call|thief|victim|\n|---|---|---|\n"
	printf "|no other thread|%.0f|-|\n", median("thief alone")
	printf "|broadcast|%.0f|%.0f|\n", median("thief broadcast"), median("victim broadcast")
	printf "|targeted|%.0f|%.0f|\n", median("thief targeted"), median("victim targeted")
}
