# make bench-wake: wake-ups by work from outside, beside a bare semaphore and oneTBB.
EXTRA_PROGRAMS += %D%/wake %D%/wake-tbb
%C%_wake_SOURCES = %D%/wake.c %D%/wake.h
%C%_wake_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
%C%_wake_LDFLAGS = $(AM_LDFLAGS) -static
%C%_wake_LDADD = src/libfilch.la
%C%_wake_tbb_SOURCES = %D%/wake.c %D%/wake.h %D%/wake_tbb.cpp
%C%_wake_tbb_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE -DWAKE_TBB
%C%_wake_tbb_CXXFLAGS = $(AM_CXXFLAGS) -std=c++17
%C%_wake_tbb_LDFLAGS = $(AM_LDFLAGS) -static
%C%_wake_tbb_LDADD = src/libfilch.la -ltbb

# ROUNDS=1000 PAUSE_US=1000: how often, and how long everybody sleeps before.
# WHAT=ntobsc: which rows (see wake.c).
.PHONY: bench-wake
bench-wake: %D%/wake
	@if reason=`CXX='$(CXX)' $(SHELL) $(srcdir)/bench/peers/probe.sh tbb`; then \
		$(MAKE) $(AM_MAKEFLAGS) %D%/wake-tbb$(EXEEXT) && \
		%D%/wake-tbb$(EXEEXT) $${ROUNDS:-1000} $${PAUSE_US:-1000} $${WHAT:-ntobsc}; \
	else \
		echo "skipping oneTBB: $$reason"; \
		%D%/wake$(EXEEXT) $${ROUNDS:-1000} $${PAUSE_US:-1000} $${WHAT:-ntobsc}; \
	fi
CLEANFILES += %D%/wake %D%/wake-tbb
