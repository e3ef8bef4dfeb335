# The simulated scheduler; `make bench-simulate` builds, checks and runs it.
simulate_parts = \
	%D%/dag.h %D%/dag.c %D%/kernels.c %D%/trees.h %D%/trees.c \
	%D%/event.h %D%/event.c \
	%D%/machine.h %D%/machine.c \
	%D%/policy.h %D%/policy.c \
	%D%/sim.h %D%/state.h %D%/sim.c %D%/lane.c %D%/thread.c %D%/steal.c %D%/wait.c

EXTRA_PROGRAMS += %D%/simulate %D%/check_simulate %D%/replay %D%/measure
%C%_simulate_SOURCES = $(simulate_parts) %D%/tables.h %D%/tables.c \
	%D%/predict.h %D%/predict.c %D%/against.c %D%/main.c \
	bench/launch.h bench/launch.c bench/load.h bench/load.c \
	bench/sample.h bench/sample.c bench/stats.h bench/stats.c
%C%_simulate_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
%C%_simulate_LDADD = bench/libleaf.a -lm
%C%_check_simulate_SOURCES = $(simulate_parts) %D%/check.h %D%/check_machine.c %D%/check_simulate.c
%C%_check_simulate_LDADD = bench/libleaf.a -lm
%C%_replay_SOURCES = %D%/dag.h %D%/dag.c %D%/kernels.c %D%/trees.h %D%/trees.c %D%/replay.c
%C%_replay_LDFLAGS = $(AM_LDFLAGS) -static
%C%_replay_LDADD = bench/libleaf.a src/libfilch.la -lm
# With the library's inside: its own fences, lanes and parkers are measured.
%C%_measure_SOURCES = %D%/measure.h %D%/measure.c %D%/measure_forks.c %D%/measure_pair.c \
	%D%/measure_speed.c
%C%_measure_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE -I$(top_srcdir)/src $(ATOMIC_OPS_CFLAGS)
%C%_measure_LDFLAGS = $(AM_LDFLAGS) -static
%C%_measure_LDADD = src/libfilch_core.la -lm
CLEANFILES += %D%/simulate %D%/check_simulate %D%/replay %D%/measure

.PHONY: bench-simulate bench-simulate-check bench-simulate-costs bench-simulate-against
bench-simulate-check: %D%/check_simulate
	%D%/check_simulate
# The costs that the tables are made with, then the tables: some minutes.
bench-simulate: %D%/simulate bench-simulate-check
	%D%/simulate --help | sed -n '/^costs/,$$p'
	%D%/simulate --table all --seeds 1
# What the costs are on this machine.
bench-simulate-costs: %D%/measure
	%D%/measure
# The simulation beside real runs, with this machine's costs: two idle CPUs.
bench-simulate-against: %D%/simulate %D%/measure %D%/replay bench/serial bench/filch_typed
	%D%/measure > %D%/costs.here
	%D%/simulate --costs %D%/costs.here --against bench --seeds 15
CLEANFILES += %D%/costs.here
