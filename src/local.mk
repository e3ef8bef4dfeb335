# libfilch_core is the library with nothing hidden: tests link it to reach the
# internals; libfilch.la is what gets installed.
noinst_LTLIBRARIES += %D%/libfilch_core.la
%C%_libfilch_core_la_SOURCES = \
	%D%/algorithm/blocks.c \
	%D%/algorithm/blocks.h \
	%D%/algorithm/lookback.c \
	%D%/algorithm/lookback.h \
	%D%/algorithm/copy_item.h \
	%D%/algorithm/pack.c \
	%D%/algorithm/scan.c \
	%D%/algorithm/split.c \
	%D%/algorithm/split.h \
	%D%/base/atomic.h \
	%D%/base/cancellation.h \
	%D%/base/clock.c \
	%D%/base/clock.h \
	%D%/base/compiler.h \
	%D%/base/fence.c \
	%D%/base/fence.h \
	%D%/base/float_mode.h \
	%D%/base/fork_generation.c \
	%D%/base/fork_generation.h \
	%D%/base/futex.c \
	%D%/base/futex.h \
	%D%/base/lock.h \
	%D%/base/memory.c \
	%D%/base/memory.h \
	%D%/base/park.c \
	%D%/base/park.h \
	%D%/base/signals.h \
	%D%/base/size.h \
	%D%/base/static_lock.c \
	%D%/base/static_lock.h \
	%D%/base/status.c \
	%D%/base/text.c \
	%D%/base/text.h \
	%D%/base/this_cpu.c \
	%D%/base/this_cpu.h \
	%D%/base/thread_start.c \
	%D%/base/thread_start.h \
	%D%/base/upcall.h \
	%D%/base/yield.c \
	%D%/base/yield.h \
	%D%/channel/channel.c \
	%D%/channel/channel.h \
	%D%/channel/create.c \
	%D%/channel/create.h \
	%D%/channel/eventfd.c \
	%D%/channel/eventfd.h \
	%D%/channel/kind.h \
	%D%/channel/mpmc_ring.c \
	%D%/channel/mpmc_ring.h \
	%D%/channel/rendezvous.c \
	%D%/channel/rendezvous.h \
	%D%/channel/select.c \
	%D%/channel/slot.c \
	%D%/channel/slot.h \
	%D%/channel/spsc_ring.c \
	%D%/channel/spsc_ring.h \
	%D%/channel/stats.c \
	%D%/channel/stats.h \
	%D%/channel/timer.c \
	%D%/channel/timer.h \
	%D%/channel/unbounded.c \
	%D%/channel/unbounded.h \
	%D%/channel/wait.c \
	%D%/channel/wait.h \
	%D%/count/counters.c \
	%D%/count/counters.h \
	%D%/count/histogram.c \
	%D%/count/histogram.h \
	%D%/count/merge.c \
	%D%/count/merge.h \
	%D%/count/page.c \
	%D%/count/page.h \
	%D%/count/page_rows.c \
	%D%/count/page_rows.h \
	%D%/count/read.c \
	%D%/count/read.h \
	%D%/count/refresh.h \
	%D%/count/rows.h \
	%D%/count/sample.h \
	%D%/count/words.c \
	%D%/count/words.h \
	%D%/deque/fork_deque.c \
	%D%/deque/fork_deque.h \
	%D%/deque/injector.c \
	%D%/deque/injector.h \
	%D%/deque/job.h \
	%D%/deque/job_deque.c \
	%D%/deque/job_deque.h \
	%D%/deque/range_rest.c \
	%D%/deque/range_rest.h \
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
	%D%/memory/scratch.c \
	%D%/memory/scratch.h \
	%D%/pool/default_pool.c \
	%D%/pool/describe.c \
	%D%/pool/options.c \
	%D%/pool/options.h \
	%D%/pool/pool.c \
	%D%/pool/pool.h \
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
	%D%/report/table.c \
	%D%/report/write.c \
	%D%/sched/cancel_scope.c \
	%D%/sched/cancel_scope.h \
	%D%/sched/early_exit.h \
	%D%/sched/guest.c \
	%D%/sched/guest.h \
	%D%/sched/idle.c \
	%D%/sched/inbox.c \
	%D%/sched/inbox.h \
	%D%/sched/places.c \
	%D%/sched/places.h \
	%D%/sched/sleep.c \
	%D%/sched/sleep.h \
	%D%/sched/sleep_counts.h \
	%D%/sched/stack.c \
	%D%/sched/stack.h \
	%D%/sched/this_thread.c \
	%D%/sched/this_thread.h \
	%D%/sched/thread.c \
	%D%/sched/wake.c \
	%D%/sched/worker.c \
	%D%/sched/worker.h \
	%D%/sync/barrier.c \
	%D%/sync/condition.c \
	%D%/sync/latch.c \
	%D%/sync/lock_row.c \
	%D%/sync/lock_row.h \
	%D%/sync/mutex.c \
	%D%/sync/mutex.h \
	%D%/sync/once.c \
	%D%/sync/parking_lot.c \
	%D%/sync/parking_lot.h \
	%D%/sync/rwlock.c \
	%D%/sync/semaphore.c \
	%D%/sync/spin.h \
	%D%/task/broadcast.c \
	%D%/task/cancel.c \
	%D%/task/fork.c \
	%D%/task/fork.h \
	%D%/task/graph.c \
	%D%/task/graph.h \
	%D%/task/graph_build.c \
	%D%/task/graph_run.c \
	%D%/task/group_count.c \
	%D%/task/group_count.h \
	%D%/task/group_rounds.h \
	%D%/task/group_run.c \
	%D%/task/group_run.h \
	%D%/task/group_spawn.c \
	%D%/task/group_system.c \
	%D%/task/group_system.h \
	%D%/task/group_typed.c \
	%D%/task/group_wait.c \
	%D%/task/join.c \
	%D%/task/phase.c \
	%D%/task/pipeline.c \
	%D%/task/pipeline.h \
	%D%/task/pipeline_create.c \
	%D%/task/pipeline_turns.c \
	%D%/task/run.c \
	%D%/task/typed.c \
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
	%D%/topology/topology.h \
	%D%/wait/backtrace.c \
	%D%/wait/backtrace.h \
	%D%/wait/block.c \
	%D%/wait/block.h \
	%D%/wait/call.c \
	%D%/wait/call.h \
	%D%/wait/dump.c \
	%D%/wait/held_locks.c \
	%D%/wait/held_locks.h \
	%D%/wait/stall.c \
	%D%/wait/stall.h \
	%D%/wait/task_wait.c \
	%D%/wait/task_wait.h \
	%D%/wait/wait_graph.c \
	%D%/wait/wait_graph.h
# config.h comes before any header of the system, whatever a file includes first.
%C%_libfilch_core_la_CPPFLAGS = -include config.h $(AM_CPPFLAGS) -I$(top_srcdir)/src \
	$(ATOMIC_OPS_CFLAGS) $(HWLOC_CFLAGS)
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
