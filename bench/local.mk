# Benchmarks are built on request, never by `make check`.

# Kernels and peers: what README describes.  The flags are the suite's own, so
# that all executables of a run are compiled alike; with `make BENCH_CFLAGS=...`
# all change together.  No contraction: checksums compare bits across compilers.
BENCH_CFLAGS = -g -O3 -march=native -ffp-contract=off
BENCH_CLANG = clang

EXTRA_LIBRARIES = %D%/libleaf.a
%C%_libleaf_a_SOURCES = \
	%D%/protocol.c %D%/protocol.h \
	%D%/leaf/leaf.h \
	%D%/leaf/fft.c \
	%D%/leaf/heat.c \
	%D%/leaf/knapsack.c \
	%D%/leaf/latency.c %D%/leaf/latency.h \
	%D%/leaf/list.c \
	%D%/leaf/loops.c \
	%D%/leaf/lu.c \
	%D%/leaf/matmul.c \
	%D%/leaf/queens.c \
	%D%/leaf/sort.c \
	%D%/leaf/uts.c \
	%D%/leaf/workload.c %D%/leaf/workload.h
%C%_libleaf_a_CFLAGS = $(AM_CFLAGS)

bench_kernels = \
	%D%/kernels/form.h \
	%D%/kernels/axpy.c \
	%D%/kernels/binomial.c \
	%D%/kernels/cilksort.c \
	%D%/kernels/fft.c \
	%D%/kernels/fib.c \
	%D%/kernels/heat.c \
	%D%/kernels/integrate.c \
	%D%/kernels/knapsack.c \
	%D%/kernels/latency.c \
	%D%/kernels/lu.c \
	%D%/kernels/mandelbrot.c \
	%D%/kernels/matmul.c \
	%D%/kernels/nested.c \
	%D%/kernels/nqueens.c \
	%D%/kernels/quicksort.c \
	%D%/kernels/skynet.c \
	%D%/kernels/strassen.c \
	%D%/kernels/sum.c \
	%D%/kernels/table.c \
	%D%/kernels/triangular.c \
	%D%/kernels/uts.c

bench_forms = %D%/serial %D%/filch_typed %D%/filch_plain
bench_peers = %D%/peers/gomp %D%/peers/omp %D%/peers/tbb %D%/peers/rayon
# With the library's flags, not with the suite's: it tells what these were.
EXTRA_LIBRARIES += %D%/libbuild.a
%C%_libbuild_a_SOURCES = %D%/kernels/build.c
%C%_libbuild_a_CPPFLAGS = $(AM_CPPFLAGS) -DBENCH_TYPED

EXTRA_PROGRAMS += $(bench_forms) %D%/hwloc %D%/peers/gomp %D%/peers/tbb

# -static: libfilch is linked in, so that no wrapper script of libtool's stands
# between the driver and the process that it measures.
%C%_serial_SOURCES = $(bench_kernels)
%C%_serial_CPPFLAGS = $(AM_CPPFLAGS) -DBENCH_SERIAL
%C%_serial_LDADD = %D%/libleaf.a -lm
%C%_filch_typed_SOURCES = $(bench_kernels)
%C%_filch_typed_CPPFLAGS = $(AM_CPPFLAGS) -DBENCH_TYPED
%C%_filch_typed_LDFLAGS = $(AM_LDFLAGS) -static
%C%_filch_typed_LDADD = %D%/libleaf.a %D%/libbuild.a src/libfilch.la -lm
%C%_filch_plain_SOURCES = $(bench_kernels)
%C%_filch_plain_CPPFLAGS = $(AM_CPPFLAGS) -DBENCH_PLAIN
%C%_filch_plain_LDFLAGS = $(AM_LDFLAGS) -static
%C%_filch_plain_LDADD = %D%/libleaf.a %D%/libbuild.a src/libfilch.la -lm
%C%_hwloc_SOURCES = %D%/hwloc.c
%C%_hwloc_CPPFLAGS = $(AM_CPPFLAGS) $(HWLOC_CFLAGS)
%C%_hwloc_LDADD = %D%/libleaf.a $(HWLOC_LIBS) -lm

%C%_peers_gomp_SOURCES = %D%/peers/omp.c %D%/peers/omp_tasks.h
%C%_peers_gomp_CFLAGS = $(AM_CFLAGS) -fopenmp
%C%_peers_gomp_LDADD = %D%/libleaf.a -lm
%C%_peers_tbb_SOURCES = %D%/peers/tbb.cpp %D%/peers/tbb_tasks.h
%C%_peers_tbb_CXXFLAGS = $(AM_CXXFLAGS) -std=c++17 -Wall -Wextra
%C%_peers_tbb_LDADD = %D%/libleaf.a -ltbb -lm

$(%C%_libleaf_a_OBJECTS) $(%C%_serial_OBJECTS) $(%C%_filch_typed_OBJECTS) \
$(%C%_filch_plain_OBJECTS) $(%C%_hwloc_OBJECTS) $(%C%_peers_gomp_OBJECTS): \
	CFLAGS = $(BENCH_CFLAGS)
$(%C%_peers_tbb_OBJECTS): CXXFLAGS = $(BENCH_CFLAGS)

# The same source as peers/gomp by the other compiler and its library.
%D%/peers/omp$(EXEEXT): %D%/peers/omp.c %D%/peers/omp_tasks.h %D%/libleaf.a
	$(AM_V_CCLD)$(BENCH_CLANG) $(BENCH_CFLAGS) -std=gnu11 -fopenmp \
		-o $@ $(srcdir)/%D%/peers/omp.c %D%/libleaf.a -lm

# Built offline from Debian's packaged crates.
%D%/peers/rayon$(EXEEXT): %D%/peers/rayon.sh %D%/peers/rayon_src/Cargo.toml \
		%D%/peers/rayon_src/main.rs %D%/peers/rayon_src/leaf.rs \
		%D%/peers/rayon_src/tasks.rs \
		%D%/libleaf.a
	$(AM_V_GEN)$(SHELL) $(srcdir)/%D%/peers/rayon.sh $(srcdir)/%D%/peers/rayon_src %D% $@

.PHONY: bench bench-peers bench-check bench-clean-rayon
bench: $(bench_forms) %D%/hwloc

# Each peer whose packages are there; the others are named, with the reason.
bench-peers: %D%/libleaf.a
	@for peer in gomp omp tbb rayon; do \
		reason=`CC='$(CC)' CXX='$(CXX)' CLANG='$(BENCH_CLANG)' \
			$(SHELL) $(srcdir)/%D%/peers/probe.sh $$peer` || \
			{ echo "skipping $$peer: $$reason"; continue; }; \
		$(MAKE) $(AM_MAKEFLAGS) %D%/peers/$$peer$(EXEEXT) || exit 1; \
	done

# Equal checksums from everything that is built.
bench-check: %D%/serial
	$(SHELL) $(srcdir)/%D%/check.sh %D%

EXTRA_DIST += %D%/README %D%/setup %D%/check.sh %D%/peers/probe.sh %D%/peers/rayon.sh \
	%D%/peers/rayon_src/Cargo.toml %D%/peers/rayon_src/main.rs %D%/peers/rayon_src/leaf.rs \
	%D%/peers/rayon_src/tasks.rs
CLEANFILES += $(bench_forms) %D%/hwloc $(bench_peers) %D%/libleaf.a %D%/libbuild.a

clean-local: bench-clean-rayon
bench-clean-rayon:
	rm -rf %D%/peers/rayon.build
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
	$(MAKE) $(AM_MAKEFLAGS) bench-fork-gate
include bench/sync/mutex.mk
include bench/sync/channel.mk
include bench/sync/counting.mk
include bench/sync/pigz.mk
include bench/sync/sync.mk
include bench/sync/wake.mk
include bench/simulate/local.mk
include bench/rivals/local.mk
include bench/forks/local.mk
include bench/balance/local.mk
include bench/algorithms/passes.mk
