# What a typed fork costs by each compiler.
# make bench-fork-table [LACE=checkout] [ROUNDS=9] [BENCH_CLANG=clang]
.PHONY: bench-fork-table
bench-fork-table: src/libfilch.la
	top_srcdir='$(top_srcdir)' CC='$(CC)' CLANG='$(BENCH_CLANG)' LACE='$(LACE)' \
	    ROUNDS='$(ROUNDS)' $(SHELL) $(srcdir)/%D%/table.sh

# Exact instructions of the same, by each compiler.
.PHONY: bench-fork-gate
bench-fork-gate: src/libfilch.la
	top_srcdir='$(top_srcdir)' CC='$(CC)' CLANG='$(BENCH_CLANG)' \
	    $(SHELL) $(srcdir)/%D%/gate.sh

EXTRA_DIST += %D%/fib.c %D%/skynet.c %D%/uts.c %D%/run.h %D%/build.sh %D%/table.sh %D%/gate.sh \
	%D%/baseline.tsv
