# What a typed fork costs by each compiler.
# make bench-fork-table [LACE=checkout] [ROUNDS=9] [BENCH_CLANG=clang]
.PHONY: bench-fork-table
bench-fork-table: src/libfilch.la
	top_srcdir='$(top_srcdir)' CC='$(CC)' CLANG='$(BENCH_CLANG)' LACE='$(LACE)' \
	    ROUNDS='$(ROUNDS)' $(SHELL) $(srcdir)/%D%/table.sh

EXTRA_DIST += %D%/fib.c %D%/table.sh
