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

EXTRA_DIST += %D%/compare_selftest.sh
CLEANFILES += %D%/driver %D%/compare %D%/planted

# make bench-compare BASELINE=path CANDIDATE=path [KERNELS='fib nqueens:8']
.PHONY: bench-compare bench-selftest
bench-compare: %D%/compare
	%D%/compare '$(BASELINE)' '$(CANDIDATE)' $(KERNELS)

bench-selftest: %D%/compare %D%/planted
	BENCH=%D% $(SHELL) $(srcdir)/%D%/compare_selftest.sh
