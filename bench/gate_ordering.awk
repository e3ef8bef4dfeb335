# SPDX-License-Identifier: BSD-2-Clause
# Reads `objdump -d --no-show-raw-insn` of -v object=NAME; prints object and
# address of each instruction that orders memory at a price: x86 locked
# operations, exchanges with memory and fences; ARM barriers and atomics.
{
	if ($1 !~ /^[0-9a-f]+:$/)
		next
	address = substr($1, 1, length($1) - 1)
	text = $0
	sub(/^[^:]*:[ \t]*/, "", text)
	if (text ~ /^(lock|mfence|lfence|sfence)/ || text ~ /^xchg .*\(/ ||
	    text ~ /^(dmb|dsb|ldaxr|ldxr|stlxr|stxr|cas|swp|ldadd|ldset|ldclr|ldeor)/)
		print object, address
}
