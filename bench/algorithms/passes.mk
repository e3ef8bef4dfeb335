# make bench-passes: scan, pack and histogram beside serial loops and oneTBB.
EXTRA_PROGRAMS += %D%/passes %D%/passes-tbb
%C%_passes_SOURCES = %D%/passes.c %D%/passes.h
%C%_passes_LDFLAGS = $(AM_LDFLAGS) -static
%C%_passes_LDADD = src/libfilch.la
%C%_passes_tbb_SOURCES = %D%/passes.c %D%/passes.h %D%/passes_tbb.cpp
%C%_passes_tbb_CPPFLAGS = $(AM_CPPFLAGS) -DPASSES_TBB
%C%_passes_tbb_CXXFLAGS = $(AM_CXXFLAGS) -std=c++17
%C%_passes_tbb_LDFLAGS = $(AM_LDFLAGS) -static
%C%_passes_tbb_LDADD = src/libfilch.la -ltbb

# N=100000000 ROUNDS=9: items and rounds.
.PHONY: bench-passes bench-algorithms
bench-algorithms: bench-passes
bench-passes: %D%/passes$(EXEEXT)
	@program=%D%/passes$(EXEEXT); \
	if reason=`CXX='$(CXX)' $(SHELL) $(srcdir)/bench/peers/probe.sh tbb`; then \
		$(MAKE) $(AM_MAKEFLAGS) %D%/passes-tbb$(EXEEXT) || exit 1; \
		program=%D%/passes-tbb$(EXEEXT); \
	else \
		echo "skipping oneTBB: $$reason"; \
	fi; \
	$$program $${N:-100000000} $${ROUNDS:-9}
CLEANFILES += %D%/passes %D%/passes-tbb
