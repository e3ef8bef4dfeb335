# make bench-balance: how far loops are from the bound of any schedule, beside others.
balance_common = %D%/balance.c %D%/balance.h
EXTRA_PROGRAMS += %D%/balance-filch %D%/balance-gomp %D%/balance-tbb %D%/balance-pthreadpool
%C%_balance_filch_SOURCES = $(balance_common) %D%/filch.c
%C%_balance_filch_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
%C%_balance_filch_LDFLAGS = $(AM_LDFLAGS) -static
%C%_balance_filch_LDADD = src/libfilch.la -lm
%C%_balance_gomp_SOURCES = $(balance_common) %D%/openmp.c
%C%_balance_gomp_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
%C%_balance_gomp_CFLAGS = $(AM_CFLAGS) -fopenmp
%C%_balance_gomp_LDADD = -lm
%C%_balance_tbb_SOURCES = $(balance_common) %D%/tbb.cpp
%C%_balance_tbb_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
%C%_balance_tbb_CXXFLAGS = $(AM_CXXFLAGS) -std=c++17
%C%_balance_tbb_LDADD = -ltbb -lm
%C%_balance_pthreadpool_SOURCES = $(balance_common) %D%/pthreadpool.c
%C%_balance_pthreadpool_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
%C%_balance_pthreadpool_LDADD = -lpthreadpool -lm

# ROUNDS=9 LOADS=1000: rounds of the tables, random loads.
.PHONY: bench-balance
bench-balance: %D%/balance-filch
	@programs=%D%/balance-filch; \
	for peer in gomp tbb pthreadpool; do \
		reason=`CC='$(CC)' CXX='$(CXX)' $(SHELL) $(srcdir)/bench/peers/probe.sh $$peer` || \
			{ echo "skipping $$peer: $$reason"; continue; }; \
		$(MAKE) $(AM_MAKEFLAGS) %D%/balance-$$peer$(EXEEXT) || exit 1; \
		programs="$$programs %D%/balance-$$peer"; \
	done; \
	$(SHELL) $(srcdir)/%D%/balance.sh $${ROUNDS:-9} $${LOADS:-1000} $$programs
EXTRA_DIST += %D%/balance.sh
CLEANFILES += %D%/balance-filch %D%/balance-gomp %D%/balance-tbb %D%/balance-pthreadpool
