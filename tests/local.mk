EXTRA_DIST += %D%/arrays.h %D%/channels.h %D%/counted_memory.h %D%/cycles.h %D%/dump.h \
	%D%/exports.h %D%/fork_deques.h %D%/graphs.h %D%/groups.h \
	%D%/lifecycle_kinds.h %D%/locks.h %D%/loops.h %D%/monotone.h %D%/mutex_rows.h \
	%D%/pipelines.h %D%/pool_tests.h %D%/pools.h %D%/reduces.h %D%/sandbox.h \
	%D%/scenes.h %D%/sleeps.h %D%/spawn_tasks.h %D%/stacks.h %D%/step_scenes.h \
	%D%/tap.h %D%/test.h %D%/thieves.h %D%/thread_state.h %D%/trees.h \
	%D%/wait_scene.h

# Scripts: rules about the tree itself.
TEST_EXTENSIONS = .sh
EXTRA_DIST += %D%/expand_macros.c
EXTRA_DIST += %D%/dlopen.py %D%/dlopen_host.c %D%/dlopen_plugin.c %D%/examples_numbers.py
dist_check_SCRIPTS += \
	%D%/bootstrap_compiler.sh \
	%D%/ci_self_test.sh \
	%D%/configure.sh \
	%D%/docs_names.sh \
	%D%/dlopen.sh \
	%D%/examples.sh \
	%D%/examples_numbers.sh \
	%D%/examples_sync.sh \
	%D%/export_formats.sh \
	%D%/exported_symbols.sh \
	%D%/format.sh \
	%D%/headers_alone.sh \
	%D%/install.sh \
	%D%/layers.sh \
	%D%/man_examples.sh \
	%D%/mirror.sh \
	%D%/order_labels.sh \
	%D%/own_headers.sh \
	%D%/scripts.sh \
	%D%/tarball.sh \
	%D%/tracked.sh \
	%D%/typed_debugger.sh \
	%D%/typed_errors.sh \
	%D%/version.sh \
	%D%/width.sh
AM_TESTS_ENVIRONMENT = \
	top_srcdir='$(top_srcdir)'; export top_srcdir; \
	CC='$(CC)'; export CC; CXX='$(CXX)'; export CXX; NM='$(NM)'; export NM; \
	MAKE='$(MAKE)'; export MAKE; PKG_CONFIG='$(PKG_CONFIG)'; export PKG_CONFIG; \
	SANITIZE_CFLAGS='$(SANITIZE_CFLAGS)'; export SANITIZE_CFLAGS; \
	TSAN_OPTIONS="allocator_may_return_null=1:$$TSAN_OPTIONS"; export TSAN_OPTIONS; \
	ASAN_OPTIONS="allocator_may_return_null=1:$$ASAN_OPTIONS"; export ASAN_OPTIONS;

# Programs: one per module; Check speaks TAP, so every START_TEST is a line
# of the automake summary.
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' CK_VERBOSITY=silent \
	CK_TAP_LOG_FILE_NAME=- $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
TESTS += $(dist_check_SCRIPTS) $(check_PROGRAMS)

test_cppflags = -include config.h $(AM_CPPFLAGS) -I$(top_srcdir)/src -I$(top_srcdir)/tests \
	$(ATOMIC_OPS_CFLAGS) $(CHECK_CFLAGS)
test_libs = src/libfilch_core.la $(CHECK_LIBS)

# Fills comments; format.sh says what else it looks at.
EXTRA_DIST += %D%/format.awk %D%/format_prose.awk
.PHONY: format
format:
	top_srcdir='$(top_srcdir)' $(SHELL) $(top_srcdir)/tests/format.sh --mend

# Builds what `make check` runs, and runs nothing.
.PHONY: build-tests check-programs check-but-models check-model-deep
build-tests: $(check_PROGRAMS) $(check_LTLIBRARIES) $(model_built)

# Without the tests of the tree, of the compiler and of the models: for gates that
# change none of these.  And without those of the models only.
tests_of_programs = $(check_PROGRAMS) %D%/dlopen.sh %D%/examples.sh \
	%D%/examples_numbers.sh %D%/examples_sync.sh %D%/export_formats.sh
check-programs:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(tests_of_programs)'
check-but-models:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(dist_check_SCRIPTS) $(check_PROGRAMS)'

# export_formats.sh runs check_formats.
tests/export_formats.log: $(check_PROGRAMS)

# They run the programs of docs/examples.
tests/examples.log tests/examples_numbers.log tests/examples_sync.log: $(noinst_PROGRAMS)

# Programs made at random; its own TAP.
check_PROGRAMS += %D%/random_programs
%C%_random_programs_SOURCES = \
	%D%/random/disturb.c %D%/random/generate.c %D%/random/main.c \
	%D%/random/predict.c %D%/random/program.h %D%/random/run.c \
	%D%/random/run_channels.c %D%/random/run_flow.c \
	%D%/random/run_loops.c %D%/random/run_pools.c %D%/random/run_tasks.c \
	%D%/random/run_waits.c %D%/random/show.c %D%/random/tree.c
%C%_random_programs_CPPFLAGS = $(test_cppflags)
%C%_random_programs_LDADD = src/libfilch_core.la -lm

# Its own malloc, mmap and so on stand before the C library's.
check_PROGRAMS += %D%/check_faults
%C%_check_faults_SOURCES = \
	%D%/faults/faults.h %D%/faults/inject.c %D%/faults/main.c \
	%D%/faults/verbs_pools.c %D%/faults/verbs_tasks.c %D%/faults/verbs_waits.c
%C%_check_faults_CPPFLAGS = $(test_cppflags)
%C%_check_faults_LDADD = src/libfilch_core.la

if HAVE_CHECK
check_PROGRAMS += %D%/check_topology
%C%_check_topology_SOURCES = %D%/check_topology.c
%C%_check_topology_CPPFLAGS = $(test_cppflags)
%C%_check_topology_LDADD = $(test_libs)
%C%_check_topology_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=calloc,--wrap=dlsym

check_PROGRAMS += %D%/check_filch_sandbox
%C%_check_filch_sandbox_SOURCES = %D%/check_filch_sandbox.c
%C%_check_filch_sandbox_CPPFLAGS = $(test_cppflags)
%C%_check_filch_sandbox_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_find
%C%_check_find_SOURCES = %D%/check_find.c
%C%_check_find_CPPFLAGS = $(test_cppflags)
%C%_check_find_LDADD = $(test_libs) -lm

check_PROGRAMS += %D%/check_histogram_bins
%C%_check_histogram_bins_SOURCES = %D%/check_histogram_bins.c
%C%_check_histogram_bins_CPPFLAGS = $(test_cppflags)
%C%_check_histogram_bins_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_move
%C%_check_move_SOURCES = %D%/check_move.c
%C%_check_move_CPPFLAGS = $(test_cppflags)
%C%_check_move_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_pack
%C%_check_pack_SOURCES = %D%/check_pack.c
%C%_check_pack_CPPFLAGS = $(test_cppflags)
%C%_check_pack_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_scan
%C%_check_scan_SOURCES = %D%/check_scan.c
%C%_check_scan_CPPFLAGS = $(test_cppflags)
%C%_check_scan_LDADD = $(test_libs) -lm

check_PROGRAMS += %D%/check_filch_process
%C%_check_filch_process_SOURCES = %D%/check_filch_process.c
%C%_check_filch_process_CPPFLAGS = $(test_cppflags)
%C%_check_filch_process_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_filch_setuid
%C%_check_filch_setuid_SOURCES = %D%/check_filch_setuid.c
%C%_check_filch_setuid_CPPFLAGS = $(test_cppflags)
%C%_check_filch_setuid_LDADD = $(test_libs)
%C%_check_filch_setuid_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dlopen

check_PROGRAMS += %D%/check_sysfs
%C%_check_sysfs_SOURCES = %D%/check_sysfs.c
%C%_check_sysfs_CPPFLAGS = $(test_cppflags)
%C%_check_sysfs_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_placement
%C%_check_placement_SOURCES = %D%/check_placement.c
%C%_check_placement_CPPFLAGS = $(test_cppflags)
%C%_check_placement_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_quota
%C%_check_quota_SOURCES = %D%/check_quota.c
%C%_check_quota_CPPFLAGS = $(test_cppflags)
%C%_check_quota_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_filch_abi
%C%_check_filch_abi_SOURCES = %D%/check_filch_abi.c
%C%_check_filch_abi_CPPFLAGS = $(test_cppflags)
%C%_check_filch_abi_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_spawn
%C%_check_spawn_SOURCES = %D%/check_spawn.c %D%/check_spawn.h %D%/check_spawn_other.c
%C%_check_spawn_CPPFLAGS = $(test_cppflags)
%C%_check_spawn_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_spawn_deque
%C%_check_spawn_deque_SOURCES = %D%/check_spawn_deque.c %D%/check_spawn.h
%C%_check_spawn_deque_CPPFLAGS = $(test_cppflags)
%C%_check_spawn_deque_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_spawn_callers
%C%_check_spawn_callers_SOURCES = %D%/check_spawn_callers.c %D%/check_spawn.h
%C%_check_spawn_callers_CPPFLAGS = $(test_cppflags)
%C%_check_spawn_callers_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_spawn_cpp
%C%_check_spawn_cpp_SOURCES = \
	%D%/check_spawn_cpp.cpp %D%/check_spawn.h %D%/check_spawn_other.c
%C%_check_spawn_cpp_CPPFLAGS = $(test_cppflags)
%C%_check_spawn_cpp_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_fork_deque
%C%_check_fork_deque_SOURCES = %D%/check_fork_deque.c
%C%_check_fork_deque_CPPFLAGS = $(test_cppflags)
%C%_check_fork_deque_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_fork_deque_thieves
%C%_check_fork_deque_thieves_SOURCES = %D%/check_fork_deque_thieves.c
%C%_check_fork_deque_thieves_CPPFLAGS = $(test_cppflags)
%C%_check_fork_deque_thieves_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_fork
%C%_check_fork_SOURCES = %D%/check_fork.c
%C%_check_fork_CPPFLAGS = $(test_cppflags)
%C%_check_fork_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_job_deque
%C%_check_job_deque_SOURCES = %D%/check_job_deque.c
%C%_check_job_deque_CPPFLAGS = $(test_cppflags)
%C%_check_job_deque_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_scratch
%C%_check_scratch_SOURCES = %D%/check_scratch.c
%C%_check_scratch_CPPFLAGS = $(test_cppflags)
%C%_check_scratch_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_sort
%C%_check_sort_SOURCES = %D%/check_sort.c
%C%_check_sort_CPPFLAGS = $(test_cppflags)
%C%_check_sort_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_injector
%C%_check_injector_SOURCES = %D%/check_injector.c
%C%_check_injector_CPPFLAGS = $(test_cppflags)
%C%_check_injector_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_sleep
%C%_check_sleep_SOURCES = %D%/check_sleep.c
%C%_check_sleep_CPPFLAGS = $(test_cppflags)
%C%_check_sleep_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_sleep_many_cpus
%C%_check_sleep_many_cpus_SOURCES = %D%/check_sleep_many_cpus.c
%C%_check_sleep_many_cpus_CPPFLAGS = $(test_cppflags)
%C%_check_sleep_many_cpus_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_sleep_threads
%C%_check_sleep_threads_SOURCES = %D%/check_sleep_threads.c
%C%_check_sleep_threads_CPPFLAGS = $(test_cppflags)
%C%_check_sleep_threads_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_range_rest
%C%_check_range_rest_SOURCES = %D%/check_range_rest.c
%C%_check_range_rest_CPPFLAGS = $(test_cppflags)
%C%_check_range_rest_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_for_balance
%C%_check_for_balance_SOURCES = %D%/check_for_balance.c
%C%_check_for_balance_CPPFLAGS = $(test_cppflags)
%C%_check_for_balance_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_block
%C%_check_block_SOURCES = %D%/check_block.c
%C%_check_block_CPPFLAGS = $(test_cppflags)
%C%_check_block_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_stall
%C%_check_stall_SOURCES = %D%/check_stall.c
%C%_check_stall_CPPFLAGS = $(test_cppflags)
%C%_check_stall_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_wait_graph_oracle
%C%_check_wait_graph_oracle_SOURCES = %D%/check_wait_graph_oracle.c
%C%_check_wait_graph_oracle_CPPFLAGS = $(test_cppflags)
%C%_check_wait_graph_oracle_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_wait_graph
%C%_check_wait_graph_SOURCES = %D%/check_wait_graph.c
%C%_check_wait_graph_CPPFLAGS = $(test_cppflags)
%C%_check_wait_graph_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_wait_graph_groups
%C%_check_wait_graph_groups_SOURCES = %D%/check_wait_graph_groups.c
%C%_check_wait_graph_groups_CPPFLAGS = $(test_cppflags)
%C%_check_wait_graph_groups_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_held_locks
%C%_check_held_locks_SOURCES = %D%/check_held_locks.c
%C%_check_held_locks_CPPFLAGS = $(test_cppflags)
%C%_check_held_locks_LDADD = $(test_libs)

# With the library as it is installed.
check_PROGRAMS += %D%/check_held_locks_sites
%C%_check_held_locks_sites_SOURCES = %D%/check_held_locks_sites.c
%C%_check_held_locks_sites_CPPFLAGS = $(test_cppflags)
%C%_check_held_locks_sites_LDADD = src/libfilch.la $(CHECK_LIBS)

check_PROGRAMS += %D%/check_mutex
%C%_check_mutex_SOURCES = %D%/check_mutex.c
%C%_check_mutex_CPPFLAGS = $(test_cppflags)
%C%_check_mutex_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_mutex_pools
%C%_check_mutex_pools_SOURCES = %D%/check_mutex_pools.c
%C%_check_mutex_pools_CPPFLAGS = $(test_cppflags)
%C%_check_mutex_pools_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_condition
%C%_check_condition_SOURCES = %D%/check_condition.c
%C%_check_condition_CPPFLAGS = $(test_cppflags)
%C%_check_condition_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_rwlock
%C%_check_rwlock_SOURCES = %D%/check_rwlock.c
%C%_check_rwlock_CPPFLAGS = $(test_cppflags)
%C%_check_rwlock_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_once
%C%_check_once_SOURCES = %D%/check_once.c
%C%_check_once_CPPFLAGS = $(test_cppflags)
%C%_check_once_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_semaphore
%C%_check_semaphore_SOURCES = %D%/check_semaphore.c
%C%_check_semaphore_CPPFLAGS = $(test_cppflags)
%C%_check_semaphore_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_latch
%C%_check_latch_SOURCES = %D%/check_latch.c
%C%_check_latch_CPPFLAGS = $(test_cppflags)
%C%_check_latch_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_barrier
%C%_check_barrier_SOURCES = %D%/check_barrier.c
%C%_check_barrier_CPPFLAGS = $(test_cppflags)
%C%_check_barrier_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_parking_lot
%C%_check_parking_lot_SOURCES = %D%/check_parking_lot.c
%C%_check_parking_lot_CPPFLAGS = $(test_cppflags)
%C%_check_parking_lot_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_park
%C%_check_park_SOURCES = %D%/check_park.c
%C%_check_park_CPPFLAGS = $(test_cppflags)
%C%_check_park_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_for_light
%C%_check_for_light_SOURCES = %D%/check_for_light.c
%C%_check_for_light_CPPFLAGS = $(test_cppflags)
%C%_check_for_light_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_pool_shortage
%C%_check_pool_shortage_SOURCES = %D%/check_pool_shortage.c
%C%_check_pool_shortage_CPPFLAGS = $(test_cppflags)
%C%_check_pool_shortage_LDADD = $(test_libs)
%C%_check_pool_shortage_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=pthread_create

check_PROGRAMS += %D%/check_lock
%C%_check_lock_SOURCES = %D%/check_lock.c
%C%_check_lock_CPPFLAGS = $(test_cppflags)
%C%_check_lock_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_pool
%C%_check_pool_SOURCES = %D%/check_pool.c
%C%_check_pool_CPPFLAGS = $(test_cppflags)
%C%_check_pool_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_stack
%C%_check_stack_SOURCES = %D%/check_stack.c
%C%_check_stack_CPPFLAGS = $(test_cppflags)
%C%_check_stack_LDADD = $(test_libs) -lm

check_PROGRAMS += %D%/check_stack_memory
%C%_check_stack_memory_SOURCES = %D%/check_stack_memory.c
%C%_check_stack_memory_CPPFLAGS = $(test_cppflags)
%C%_check_stack_memory_LDADD = $(test_libs) -lm

check_PROGRAMS += %D%/check_float_mode
%C%_check_float_mode_SOURCES = %D%/check_float_mode.c
%C%_check_float_mode_CPPFLAGS = $(test_cppflags)
%C%_check_float_mode_LDADD = $(test_libs) -lm

check_PROGRAMS += %D%/check_faces
%C%_check_faces_SOURCES = %D%/check_faces.c
%C%_check_faces_CPPFLAGS = $(test_cppflags)
%C%_check_faces_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_size
%C%_check_size_SOURCES = %D%/check_size.c
%C%_check_size_CPPFLAGS = $(test_cppflags)
%C%_check_size_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_reduce_limits
%C%_check_reduce_limits_SOURCES = %D%/check_reduce_limits.c
%C%_check_reduce_limits_CPPFLAGS = $(test_cppflags)
%C%_check_reduce_limits_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_loop_nothing
%C%_check_loop_nothing_SOURCES = %D%/check_loop_nothing.c
%C%_check_loop_nothing_CPPFLAGS = $(test_cppflags)
%C%_check_loop_nothing_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_filch_misuse
%C%_check_filch_misuse_SOURCES = %D%/check_filch_misuse.c
%C%_check_filch_misuse_CPPFLAGS = $(test_cppflags)
%C%_check_filch_misuse_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_options
%C%_check_options_SOURCES = %D%/check_options.c
%C%_check_options_CPPFLAGS = $(test_cppflags)
%C%_check_options_LDADD = $(test_libs)
%C%_check_options_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=pthread_create

check_PROGRAMS += %D%/check_broadcast
%C%_check_broadcast_SOURCES = %D%/check_broadcast.c
%C%_check_broadcast_CPPFLAGS = $(test_cppflags)
%C%_check_broadcast_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_pool_active
%C%_check_pool_active_SOURCES = %D%/check_pool_active.c
%C%_check_pool_active_CPPFLAGS = $(test_cppflags)
%C%_check_pool_active_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_pool_trim
%C%_check_pool_trim_SOURCES = %D%/check_pool_trim.c
%C%_check_pool_trim_CPPFLAGS = $(test_cppflags)
%C%_check_pool_trim_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_run
%C%_check_run_SOURCES = %D%/check_run.c
%C%_check_run_CPPFLAGS = $(test_cppflags)
%C%_check_run_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_wake
%C%_check_wake_SOURCES = %D%/check_wake.c
%C%_check_wake_CPPFLAGS = $(test_cppflags)
%C%_check_wake_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_join
%C%_check_join_SOURCES = %D%/check_join.c
%C%_check_join_CPPFLAGS = $(test_cppflags)
%C%_check_join_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_group_count
%C%_check_group_count_SOURCES = %D%/check_group_count.c
%C%_check_group_count_CPPFLAGS = $(test_cppflags)
%C%_check_group_count_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_group
%C%_check_group_SOURCES = %D%/check_group.c
%C%_check_group_CPPFLAGS = $(test_cppflags)
%C%_check_group_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_group_cancel
%C%_check_group_cancel_SOURCES = %D%/check_group_cancel.c
%C%_check_group_cancel_CPPFLAGS = $(test_cppflags)
%C%_check_group_cancel_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_group_wait
%C%_check_group_wait_SOURCES = %D%/check_group_wait.c
%C%_check_group_wait_CPPFLAGS = $(test_cppflags)
%C%_check_group_wait_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_cancel
%C%_check_cancel_SOURCES = %D%/check_cancel.c
%C%_check_cancel_CPPFLAGS = $(test_cppflags)
%C%_check_cancel_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_pieces
%C%_check_pieces_SOURCES = %D%/check_pieces.c
%C%_check_pieces_CPPFLAGS = $(test_cppflags)
%C%_check_pieces_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_task_wait
%C%_check_task_wait_SOURCES = %D%/check_task_wait.c
%C%_check_task_wait_CPPFLAGS = $(test_cppflags)
%C%_check_task_wait_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_phase
%C%_check_phase_SOURCES = %D%/check_phase.c
%C%_check_phase_CPPFLAGS = $(test_cppflags)
%C%_check_phase_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_for
%C%_check_for_SOURCES = %D%/check_for.c
%C%_check_for_CPPFLAGS = $(test_cppflags)
%C%_check_for_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_for_chunks
%C%_check_for_chunks_SOURCES = %D%/check_for_chunks.c
%C%_check_for_chunks_CPPFLAGS = $(test_cppflags)
%C%_check_for_chunks_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_for_endings
%C%_check_for_endings_SOURCES = %D%/check_for_endings.c
%C%_check_for_endings_CPPFLAGS = $(test_cppflags)
%C%_check_for_endings_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_tiles
%C%_check_tiles_SOURCES = %D%/check_tiles.c
%C%_check_tiles_CPPFLAGS = $(test_cppflags)
%C%_check_tiles_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_reduce
%C%_check_reduce_SOURCES = %D%/check_reduce.c
%C%_check_reduce_CPPFLAGS = $(test_cppflags)
%C%_check_reduce_LDADD = $(test_libs) -lm

check_PROGRAMS += %D%/check_reduce_typed
%C%_check_reduce_typed_SOURCES = %D%/check_reduce_typed.c
%C%_check_reduce_typed_CPPFLAGS = $(test_cppflags)
%C%_check_reduce_typed_LDADD = $(test_libs) -lm

check_PROGRAMS += %D%/check_fold
%C%_check_fold_SOURCES = %D%/check_fold.c
%C%_check_fold_CPPFLAGS = $(test_cppflags)
%C%_check_fold_LDADD = $(test_libs) -lm

check_PROGRAMS += %D%/check_pipeline
%C%_check_pipeline_SOURCES = %D%/check_pipeline.c
%C%_check_pipeline_CPPFLAGS = $(test_cppflags)
%C%_check_pipeline_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_pipeline_runs
%C%_check_pipeline_runs_SOURCES = %D%/check_pipeline_runs.c
%C%_check_pipeline_runs_CPPFLAGS = $(test_cppflags)
%C%_check_pipeline_runs_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_fork_generation
%C%_check_fork_generation_SOURCES = %D%/check_fork_generation.c
%C%_check_fork_generation_CPPFLAGS = $(test_cppflags)
%C%_check_fork_generation_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_graph_build
%C%_check_graph_build_SOURCES = %D%/check_graph_build.c
%C%_check_graph_build_CPPFLAGS = $(test_cppflags)
%C%_check_graph_build_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_graph_run
%C%_check_graph_run_SOURCES = %D%/check_graph_run.c
%C%_check_graph_run_CPPFLAGS = $(test_cppflags)
%C%_check_graph_run_LDADD = $(test_libs)
%C%_check_graph_run_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=aligned_alloc

check_PROGRAMS += %D%/check_dot
%C%_check_dot_SOURCES = %D%/check_dot.c
%C%_check_dot_CPPFLAGS = $(test_cppflags)
%C%_check_dot_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_words
%C%_check_words_SOURCES = %D%/check_words.c
%C%_check_words_CPPFLAGS = $(test_cppflags)
%C%_check_words_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_page
%C%_check_page_SOURCES = %D%/check_page.c
%C%_check_page_CPPFLAGS = $(test_cppflags)
%C%_check_page_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_page_rows
%C%_check_page_rows_SOURCES = %D%/check_page_rows.c
%C%_check_page_rows_CPPFLAGS = $(test_cppflags)
%C%_check_page_rows_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_histogram
%C%_check_histogram_SOURCES = %D%/check_histogram.c
%C%_check_histogram_CPPFLAGS = $(test_cppflags)
%C%_check_histogram_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_sample
%C%_check_sample_SOURCES = %D%/check_sample.c
%C%_check_sample_CPPFLAGS = $(test_cppflags)
%C%_check_sample_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_formats
%C%_check_formats_SOURCES = %D%/check_formats.c
%C%_check_formats_CPPFLAGS = $(test_cppflags)
%C%_check_formats_LDADD = $(test_libs)
%C%_check_formats_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=aligned_alloc

check_PROGRAMS += %D%/check_write
%C%_check_write_SOURCES = %D%/check_write.c
%C%_check_write_CPPFLAGS = $(test_cppflags)
%C%_check_write_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_file
%C%_check_file_SOURCES = %D%/check_file.c
%C%_check_file_CPPFLAGS = $(test_cppflags)
%C%_check_file_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_hook
%C%_check_hook_SOURCES = %D%/check_hook.c
%C%_check_hook_CPPFLAGS = $(test_cppflags)
%C%_check_hook_LDADD = $(test_libs)

check_PROGRAMS += %D%/step_signals
%C%_step_signals_SOURCES = %D%/step_signals.c
%C%_step_signals_CPPFLAGS = $(test_cppflags)
%C%_step_signals_LDADD = $(test_libs)

check_PROGRAMS += %D%/start_calls
%C%_start_calls_SOURCES = %D%/start_calls.c
%C%_start_calls_CPPFLAGS = $(test_cppflags)
%C%_start_calls_LDADD = $(test_libs)

check_PROGRAMS += %D%/lifecycle
%C%_lifecycle_SOURCES = %D%/lifecycle.c
%C%_lifecycle_CPPFLAGS = $(test_cppflags)
%C%_lifecycle_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_read
%C%_check_read_SOURCES = %D%/check_read.c
%C%_check_read_CPPFLAGS = $(test_cppflags)
%C%_check_read_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_clock
%C%_check_clock_SOURCES = %D%/check_clock.c
%C%_check_clock_CPPFLAGS = $(test_cppflags)
%C%_check_clock_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_metrics
%C%_check_metrics_SOURCES = %D%/check_metrics.c
%C%_check_metrics_CPPFLAGS = $(test_cppflags)
%C%_check_metrics_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_channel
%C%_check_channel_SOURCES = %D%/check_channel.c
%C%_check_channel_CPPFLAGS = $(test_cppflags)
%C%_check_channel_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_channel_waits
%C%_check_channel_waits_SOURCES = %D%/check_channel_waits.c
%C%_check_channel_waits_CPPFLAGS = $(test_cppflags)
%C%_check_channel_waits_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_channel_backpressure
%C%_check_channel_backpressure_SOURCES = %D%/check_channel_backpressure.c
%C%_check_channel_backpressure_CPPFLAGS = $(test_cppflags)
%C%_check_channel_backpressure_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_channel_history
%C%_check_channel_history_SOURCES = %D%/check_channel_history.c
%C%_check_channel_history_CPPFLAGS = $(test_cppflags)
%C%_check_channel_history_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_select
%C%_check_select_SOURCES = %D%/check_select.c
%C%_check_select_CPPFLAGS = $(test_cppflags)
%C%_check_select_LDADD = $(test_libs)
%C%_check_select_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=filch_now

check_PROGRAMS += %D%/check_timer
%C%_check_timer_SOURCES = %D%/check_timer.c
%C%_check_timer_CPPFLAGS = $(test_cppflags)
%C%_check_timer_LDADD = $(test_libs)

check_PROGRAMS += %D%/stress_channel
%C%_stress_channel_SOURCES = %D%/stress_channel.c
%C%_stress_channel_CPPFLAGS = $(test_cppflags)
%C%_stress_channel_LDADD = $(test_libs)

check_PROGRAMS += %D%/stress_sched
%C%_stress_sched_SOURCES = %D%/stress_sched.c
%C%_stress_sched_CPPFLAGS = $(test_cppflags)
%C%_stress_sched_LDADD = $(test_libs)
endif

include tests/model/local.mk
