# The owners that docs/deque.md compares: one program each, from one source.
# make bench-rivals [ROUNDS=9]
EXTRA_PROGRAMS += \
	%D%/serial %D%/asks %D%/pays %D%/fenced %D%/split %D%/the %D%/slots %D%/lent %D%/barrier
bench_rival_sources = %D%/rival.c %D%/rival.h %D%/kernels.h
%C%_serial_SOURCES = $(bench_rival_sources)
%C%_serial_CPPFLAGS = -D_GNU_SOURCE -DRIVAL_SERIAL
%C%_serial_LDADD = bench/libleaf.a -lm
%C%_asks_SOURCES = $(bench_rival_sources) %D%/lane_deque.h
%C%_asks_CPPFLAGS = -D_GNU_SOURCE -DRIVAL_LANE='"lane_deque.h"' -DLANE_ASKS
%C%_asks_LDADD = bench/libleaf.a -lm
%C%_pays_SOURCES = $(bench_rival_sources) %D%/lane_deque.h
%C%_pays_CPPFLAGS = -D_GNU_SOURCE -DRIVAL_LANE='"lane_deque.h"' -DLANE_PAYS
%C%_pays_LDADD = bench/libleaf.a -lm
%C%_fenced_SOURCES = $(bench_rival_sources) %D%/lane_deque.h
%C%_fenced_CPPFLAGS = -D_GNU_SOURCE -DRIVAL_LANE='"lane_deque.h"' -DLANE_FENCED
%C%_fenced_LDADD = bench/libleaf.a -lm
%C%_split_SOURCES = $(bench_rival_sources) %D%/lane_split.h
%C%_split_CPPFLAGS = -D_GNU_SOURCE -DRIVAL_LANE='"lane_split.h"'
%C%_split_LDADD = bench/libleaf.a -lm
%C%_the_SOURCES = $(bench_rival_sources) %D%/lane_the.h
%C%_the_CPPFLAGS = -D_GNU_SOURCE -DRIVAL_LANE='"lane_the.h"'
%C%_the_LDADD = bench/libleaf.a -lm
%C%_slots_SOURCES = $(bench_rival_sources) %D%/lane_slots.h
%C%_slots_CPPFLAGS = -D_GNU_SOURCE -DRIVAL_LANE='"lane_slots.h"'
%C%_slots_LDADD = bench/libleaf.a -lm
%C%_lent_SOURCES = $(bench_rival_sources) %D%/lane_lent.h
%C%_lent_CPPFLAGS = -D_GNU_SOURCE -DRIVAL_LANE='"lane_lent.h"'
%C%_lent_LDADD = bench/libleaf.a -lm
%C%_barrier_SOURCES = %D%/barrier.c
%C%_barrier_CPPFLAGS = -D_GNU_SOURCE

$(%C%_serial_OBJECTS) $(%C%_asks_OBJECTS) $(%C%_pays_OBJECTS) $(%C%_fenced_OBJECTS) \
$(%C%_split_OBJECTS) $(%C%_the_OBJECTS) $(%C%_slots_OBJECTS) $(%C%_lent_OBJECTS) \
$(%C%_barrier_OBJECTS): CFLAGS = $(BENCH_CFLAGS)

.PHONY: bench-rivals
bench-rivals: %D%/serial %D%/asks %D%/pays %D%/fenced %D%/split %D%/the %D%/slots \
	%D%/lent %D%/barrier
	ROUNDS='$(ROUNDS)' $(SHELL) $(srcdir)/%D%/rivals.sh %D%

EXTRA_DIST += %D%/rivals.sh %D%/rivals.awk
CLEANFILES += %D%/serial %D%/asks %D%/pays %D%/fenced %D%/split %D%/the %D%/slots \
	%D%/lent %D%/barrier
