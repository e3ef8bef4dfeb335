# The simulated scheduler; `make bench-simulate` builds, checks and runs it.
simulate_parts = \
	%D%/dag.h %D%/dag.c %D%/kernels.c \
	%D%/event.h %D%/event.c \
	%D%/machine.h %D%/machine.c \
	%D%/policy.h %D%/policy.c \
	%D%/sim.h %D%/state.h %D%/sim.c %D%/thread.c %D%/steal.c %D%/wait.c

EXTRA_PROGRAMS += %D%/simulate %D%/check_simulate %D%/replay
%C%_simulate_SOURCES = $(simulate_parts) %D%/tables.h %D%/tables.c %D%/against.c %D%/main.c
%C%_simulate_LDADD = -lm
%C%_check_simulate_SOURCES = $(simulate_parts) %D%/check_simulate.c
%C%_check_simulate_LDADD = -lm
%C%_replay_SOURCES = %D%/dag.h %D%/dag.c %D%/kernels.c %D%/replay.c
%C%_replay_LDADD = src/libfilch.la
CLEANFILES += %D%/simulate %D%/check_simulate %D%/replay

.PHONY: bench-simulate bench-simulate-check
bench-simulate-check: %D%/check_simulate
	%D%/check_simulate
bench-simulate: %D%/simulate bench-simulate-check
	%D%/simulate --table all
