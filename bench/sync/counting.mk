# make bench-sync-counting: what counting costs, by a second library without it.
EXTRA_LTLIBRARIES = %D%/libuncounted.la
%C%_libuncounted_la_SOURCES = $(src_libfilch_core_la_SOURCES)
%C%_libuncounted_la_CPPFLAGS = $(src_libfilch_core_la_CPPFLAGS) -DFILCH_UNCOUNTED
%C%_libuncounted_la_CFLAGS = $(src_libfilch_core_la_CFLAGS)
%C%_libuncounted_la_LIBADD = $(src_libfilch_core_la_LIBADD)

EXTRA_PROGRAMS += %D%/channel-uncounted %D%/mutex-uncounted %D%/block-uncounted
%C%_channel_uncounted_SOURCES = $(%C%_channel_SOURCES)
%C%_channel_uncounted_LDFLAGS = $(%C%_channel_LDFLAGS)
%C%_channel_uncounted_LDADD = %D%/libuncounted.la
%C%_mutex_uncounted_SOURCES = $(%C%_mutex_SOURCES)
%C%_mutex_uncounted_LDFLAGS = $(%C%_mutex_LDFLAGS)
%C%_mutex_uncounted_LDADD = %D%/libuncounted.la
%C%_block_uncounted_SOURCES = $(%C%_block_SOURCES)
%C%_block_uncounted_LDFLAGS = $(%C%_block_LDFLAGS)
%C%_block_uncounted_LDADD = %D%/libuncounted.la

# LAUNCHES=31 MESSAGES=5000000: how much is measured.
counting_programs = %D%/channel %D%/channel-uncounted %D%/mutex %D%/mutex-uncounted \
	%D%/block %D%/block-uncounted
.PHONY: bench-sync-counting
bench-sync-counting: $(counting_programs)
	$(SHELL) $(srcdir)/%D%/counting.sh %D%
CLEANFILES += %D%/libuncounted.la $(counting_programs)
EXTRA_DIST += %D%/counting.sh
