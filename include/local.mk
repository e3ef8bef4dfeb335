include_HEADERS = %D%/filch.h
filchincludedir = $(includedir)/filch
filchinclude_HEADERS = \
	%D%/filch/base.h \
	%D%/filch/channel.h \
	%D%/filch/find.h \
	%D%/filch/histogram.h \
	%D%/filch/hot.h \
	%D%/filch/graph.h \
	%D%/filch/pool.h \
	%D%/filch/task.h \
	%D%/filch/loop.h \
	%D%/filch/spawn.h \
	%D%/filch/spawn_body.h \
	%D%/filch/spawn_check.h \
	%D%/filch/spawn_lists.h \
	%D%/filch/spawn_names.h \
	%D%/filch/pack.h \
	%D%/filch/reduce.h \
	%D%/filch/scan.h \
	%D%/filch/sort.h \
	%D%/filch/pipeline.h \
	%D%/filch/move.h \
	%D%/filch/mutex.h \
	%D%/filch/metrics.h
