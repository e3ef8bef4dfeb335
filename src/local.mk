# libfilch_core is the library with nothing hidden: tests link it to reach the
# internals; libfilch.la is what gets installed.
noinst_LTLIBRARIES += %D%/libfilch_core.la
%C%_libfilch_core_la_SOURCES = \
	%D%/base/atomic.h \
	%D%/base/cancellation.h \
	%D%/base/clock.c \
	%D%/base/clock.h \
	%D%/base/compiler.h \
	%D%/base/fence.c \
	%D%/base/fence.h \
	%D%/base/float_mode.h \
	%D%/base/futex.c \
	%D%/base/futex.h \
	%D%/base/generation.c \
	%D%/base/generation.h \
	%D%/base/lock.h \
	%D%/base/memory.c \
	%D%/base/memory.h \
	%D%/base/park.c \
	%D%/base/park.h \
	%D%/base/signals.h \
	%D%/base/size.h \
	%D%/base/status.c \
	%D%/base/thread_start.c \
	%D%/base/thread_start.h \
	%D%/base/upcall.h \
	%D%/base/yield.c \
	%D%/base/yield.h \
	%D%/count/counters.c \
	%D%/count/counters.h \
	%D%/count/hand.c \
	%D%/count/hand.h \
	%D%/count/histogram.c \
	%D%/count/histogram.h \
	%D%/count/merge.c \
	%D%/count/merge.h \
	%D%/count/page.c \
	%D%/count/page.h \
	%D%/count/read.c \
	%D%/count/read.h \
	%D%/count/refresh.h \
	%D%/count/rows.h \
	%D%/count/sample.h \
	%D%/sched/blocked.c \
	%D%/sched/blocked.h \
	%D%/sched/blocking.c \
	%D%/sched/blocking.h \
	%D%/sched/broadcast.c \
	%D%/sched/broadcast.h \
	%D%/sched/options.c \
	%D%/sched/options.h \
	%D%/sched/default.c \
	%D%/sched/describe.c \
	%D%/sched/ending.h \
	%D%/sched/fork.c \
	%D%/sched/fork.h \
	%D%/sched/forks.c \
	%D%/sched/forks.h \
	%D%/sched/guest.c \
	%D%/sched/guest.h \
	%D%/sched/dump.c \
	%D%/sched/held.c \
	%D%/sched/held.h \
	%D%/sched/idle.c \
	%D%/sched/injector.c \
	%D%/sched/injector.h \
	%D%/sched/job.h \
	%D%/sched/loose.c \
	%D%/sched/loose.h \
	%D%/sched/phase.c \
	%D%/sched/places.c \
	%D%/sched/places.h \
	%D%/sched/pool.c \
	%D%/sched/pool.h \
	%D%/sched/rest.c \
	%D%/sched/rest.h \
	%D%/sched/scope.c \
	%D%/sched/scope.h \
	%D%/sched/sleep.c \
	%D%/sched/sleep.h \
	%D%/sched/sites.c \
	%D%/sched/sites.h \
	%D%/sched/stack.c \
	%D%/sched/stack.h \
	%D%/sched/stall.c \
	%D%/sched/stall.h \
	%D%/sched/stop.c \
	%D%/sched/thread.c \
	%D%/sched/wait.c \
	%D%/sched/wait.h \
	%D%/sched/worker.c \
	%D%/sched/worker.h \
	%D%/task/assemble.c \
	%D%/task/cancel.c \
	%D%/task/graph.c \
	%D%/task/graph.h \
	%D%/task/graph_build.c \
	%D%/task/graph_run.c \
	%D%/task/group.c \
	%D%/task/group.h \
	%D%/task/group_run.c \
	%D%/task/group_run.h \
	%D%/task/group_system.c \
	%D%/task/join.c \
	%D%/task/pipeline.c \
	%D%/task/pipeline.h \
	%D%/task/turn.c \
	%D%/task/typed.c \
	%D%/sync/arms.c \
	%D%/sync/asleep.c \
	%D%/sync/await.c \
	%D%/sync/barrier.c \
	%D%/sync/blocks.c \
	%D%/sync/cell.h \
	%D%/sync/channel.c \
	%D%/sync/channel.h \
	%D%/sync/condition.c \
	%D%/sync/create.c \
	%D%/sync/figures.c \
	%D%/sync/figures.h \
	%D%/sync/latch.c \
	%D%/sync/line.h \
	%D%/sync/lot.c \
	%D%/sync/lot.h \
	%D%/sync/made.c \
	%D%/sync/made.h \
	%D%/sync/meet.c \
	%D%/sync/mutex.c \
	%D%/sync/mutex.h \
	%D%/sync/notice.c \
	%D%/sync/once.c \
	%D%/sync/ring.h \
	%D%/sync/row.c \
	%D%/sync/rwlock.c \
	%D%/sync/select.c \
	%D%/sync/semaphore.c \
	%D%/sync/spin.h \
	%D%/sync/timer.c \
	%D%/loop/chunk.h \
	%D%/loop/cost_model.c \
	%D%/loop/cost_model.h \
	%D%/loop/fold.c \
	%D%/loop/for.c \
	%D%/loop/part.c \
	%D%/loop/part.h \
	%D%/loop/pieces.c \
	%D%/loop/pieces.h \
	%D%/loop/pieces_run.c \
	%D%/loop/pieces_run.h \
	%D%/loop/progress.c \
	%D%/loop/progress.h \
	%D%/loop/range.c \
	%D%/loop/range.h \
	%D%/loop/reduce.c \
	%D%/loop/tiles.c \
	%D%/report/capture.c \
	%D%/report/capture.h \
	%D%/report/dot.c \
	%D%/report/exposition.c \
	%D%/report/fields.c \
	%D%/report/fields.h \
	%D%/report/file.c \
	%D%/report/file.h \
	%D%/report/formats.h \
	%D%/report/hook.c \
	%D%/report/json.c \
	%D%/report/metrics.c \
	%D%/report/out.c \
	%D%/report/out.h \
	%D%/report/table.c \
	%D%/report/write.c \
	%D%/topology/cpu_mask.c \
	%D%/topology/cpu_mask.h \
	%D%/topology/described.c \
	%D%/topology/described.h \
	%D%/topology/placement.c \
	%D%/topology/placement.h \
	%D%/topology/quota.c \
	%D%/topology/quota.h \
	%D%/topology/reader.c \
	%D%/topology/reader.h \
	%D%/topology/sort.c \
	%D%/topology/sort.h \
	%D%/topology/sysfs.c \
	%D%/topology/sysfs.h \
	%D%/topology/topology.c \
	%D%/topology/topology.h
%C%_libfilch_core_la_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src $(ATOMIC_OPS_CFLAGS) $(HWLOC_CFLAGS)
%C%_libfilch_core_la_CFLAGS = $(AM_CFLAGS) $(VISIBILITY_CFLAGS)
%C%_libfilch_core_la_LIBADD = $(ATOMIC_OPS_LIBS)

lib_LTLIBRARIES += %D%/libfilch.la
%C%_libfilch_la_SOURCES =
%C%_libfilch_la_LIBADD = %D%/libfilch_core.la
%C%_libfilch_la_LDFLAGS = $(AM_LDFLAGS) -no-undefined $(NODELETE_LDFLAGS) \
	-version-info $(FILCH_LIBVERSION)

pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = %D%/filch.pc

# libtool's own notes help nobody, and make other packages' libtool link too much; but
# `make uninstall` goes by them.
install-exec-hook:
	rm -f $(DESTDIR)$(libdir)/libfilch.la
uninstall-hook:
	rm -f $(DESTDIR)$(libdir)/libfilch.a $(DESTDIR)$(libdir)/libfilch.so \
	    $(DESTDIR)$(libdir)/libfilch.so.*
