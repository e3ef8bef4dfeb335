# make bench-sync-mutex: mutexes against pthread's, and the cost of a block.
EXTRA_PROGRAMS += %D%/mutex %D%/block
%C%_mutex_SOURCES = %D%/mutex.c %D%/harness.c %D%/harness.h
%C%_mutex_LDFLAGS = $(AM_LDFLAGS) -static
%C%_mutex_LDADD = src/libfilch.la
%C%_block_SOURCES = %D%/block.c %D%/harness.h
%C%_block_LDFLAGS = $(AM_LDFLAGS) -static
%C%_block_LDADD = src/libfilch.la

# LAUNCHES=15 SCALE=2: how much is measured.
.PHONY: bench-sync-mutex
bench-sync-mutex: %D%/mutex %D%/block
	@$(MAKE) $(AM_MAKEFLAGS) %D%/channel-rust$(EXEEXT) > %D%/channel-rust.log 2>&1 || \
		echo "skipping rust: `tail -n 1 %D%/channel-rust.log`"
	$(SHELL) $(srcdir)/%D%/mutex.sh %D%
CLEANFILES += %D%/mutex %D%/block
EXTRA_DIST += %D%/mutex.sh
