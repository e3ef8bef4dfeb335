# Benchmarks are built on request, never by `make check`.
# The driver, the comparison and the report: what measures.
bench_measure_cppflags = $(AM_CPPFLAGS) -D_GNU_SOURCE -DBENCH_CC='"$(CC) $(CFLAGS)"'

EXTRA_PROGRAMS += %D%/driver
%C%_driver_SOURCES = \
	%D%/driver.c \
	%D%/cell.c %D%/cell.h \
	%D%/json.c %D%/json.h \
	%D%/launch.c %D%/launch.h \
	%D%/load.c %D%/load.h \
	%D%/machine.c %D%/machine.h \
	%D%/peers.c %D%/peers.h \
	%D%/result.c %D%/result.h %D%/result_json.c \
	%D%/rows.c %D%/rows.h \
	%D%/sample.c %D%/sample.h \
	%D%/series.c %D%/series.h \
	%D%/stats.c %D%/stats.h \
	%D%/tables.c %D%/tables.h \
	%D%/view.c %D%/view.h
%C%_driver_CPPFLAGS = $(bench_measure_cppflags)
%C%_driver_LDADD = -lm

EXTRA_PROGRAMS += %D%/compare
%C%_compare_SOURCES = \
	%D%/compare.c \
	%D%/calibrate.c %D%/calibrate.h \
	%D%/launch.c %D%/launch.h \
	%D%/load.c %D%/load.h \
	%D%/peers.c %D%/peers.h \
	%D%/sample.c %D%/sample.h \
	%D%/stats.c %D%/stats.h
%C%_compare_CPPFLAGS = $(bench_measure_cppflags)
%C%_compare_LDADD = -lm

EXTRA_PROGRAMS += %D%/planted
%C%_planted_SOURCES = %D%/planted.c

EXTRA_DIST += \
	%D%/MEASURING \
	%D%/compare_selftest.sh \
	%D%/plot_overhead.gp \
	%D%/plot_small_loops.gp \
	%D%/plot_speedup.gp \
	%D%/plot_style.gp \
	%D%/report.rows \
	%D%/report.sh
CLEANFILES += %D%/driver %D%/compare %D%/planted

# make bench-compare BASELINE=path CANDIDATE=path [KERNELS='fib nqueens:8']
.PHONY: bench-compare bench-selftest
bench-compare: %D%/compare
	%D%/compare '$(BASELINE)' '$(CANDIDATE)' $(KERNELS)

bench-selftest: %D%/compare %D%/planted
	BENCH=%D% $(SHELL) $(srcdir)/%D%/compare_selftest.sh

# BUDGET=seconds of measuring (600), LAUNCHES=launches wanted of each figure (7),
# KERNELS=fib,sum to measure these only, REUSE=1 to draw the last run again.
.PHONY: bench-report bench bench-peers
bench-report: %D%/driver bench bench-peers
	top_srcdir='$(top_srcdir)' BENCH=%D% $(SHELL) $(srcdir)/%D%/report.sh

mostlyclean-local:
	rm -rf bench-report

# The gate: exact counts.  -static links our library into the program, whose
# addresses and counts then do not depend on where it would be installed.
bench_gate_programs = \
	%D%/gate_ops \
	%D%/gate_planted_instruction \
	%D%/gate_planted_fence \
	%D%/gate_planted_malloc
EXTRA_PROGRAMS += $(bench_gate_programs) %D%/gate_sizes
%C%_gate_ops_SOURCES = %D%/gate_ops.c %D%/gate_typed.c %D%/gate_typed.h
%C%_gate_ops_LDFLAGS = $(AM_LDFLAGS) -static
%C%_gate_ops_LDADD = src/libfilch.la
%C%_gate_planted_instruction_SOURCES = %D%/gate_ops.c %D%/gate_typed.c %D%/gate_typed.h
%C%_gate_planted_instruction_CPPFLAGS = $(AM_CPPFLAGS) -DGATE_PLANTED=1
%C%_gate_planted_instruction_LDFLAGS = $(AM_LDFLAGS) -static
%C%_gate_planted_instruction_LDADD = src/libfilch.la
%C%_gate_planted_fence_SOURCES = %D%/gate_ops.c %D%/gate_typed.c %D%/gate_typed.h
%C%_gate_planted_fence_CPPFLAGS = $(AM_CPPFLAGS) -DGATE_PLANTED=2
%C%_gate_planted_fence_LDFLAGS = $(AM_LDFLAGS) -static
%C%_gate_planted_fence_LDADD = src/libfilch.la
%C%_gate_planted_malloc_SOURCES = %D%/gate_ops.c %D%/gate_typed.c %D%/gate_typed.h
%C%_gate_planted_malloc_CPPFLAGS = $(AM_CPPFLAGS) -DGATE_PLANTED=3
%C%_gate_planted_malloc_LDFLAGS = $(AM_LDFLAGS) -static
%C%_gate_planted_malloc_LDADD = src/libfilch.la
%C%_gate_sizes_SOURCES = %D%/gate_sizes.c
%C%_gate_sizes_LDFLAGS = $(AM_LDFLAGS) -static
%C%_gate_sizes_LDADD = src/libfilch.la

EXTRA_DIST += \
	%D%/gate.sh \
	%D%/gate_count.awk \
	%D%/gate_ordering.awk \
	%D%/hot-sizes.tsv \
	%D%/ir-baseline.tsv
CLEANFILES += $(bench_gate_programs) %D%/gate_sizes

.PHONY: bench-gate
bench-gate: $(bench_gate_programs) %D%/gate_sizes
	top_srcdir='$(top_srcdir)' BENCH=%D% CC='$(CC)' CFLAGS='$(CFLAGS)' \
	    $(SHELL) $(srcdir)/%D%/gate.sh
