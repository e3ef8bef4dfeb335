# SPDX-License-Identifier: BSD-2-Clause
# Reads the list of ordering instructions (object address) and a callgrind dump made
# with --dump-instr=yes and no compression; prints instructions executed,
# ordering instructions executed.
FNR == NR {
	ordering[$1, $2] = 1
	next
}
/^ob=/ { object = substr($0, 4); next }
# The line after a call is what the callee cost, counted at the callee already.
/^calls=/ { skip = 1; next }
/^0x/ {
	if (skip) {
		skip = 0
		next
	}
	total += $3
	if ((object, substr($1, 3)) in ordering)
		ordered += $3
}
END { printf "%.0f %.0f\n", total, ordered }
