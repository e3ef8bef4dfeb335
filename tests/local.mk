EXTRA_DIST += %D%/tap.h %D%/test.h %D%/pools.h
EXTRA_DIST += %D%/channels.h %D%/dump.h %D%/exports.h %D%/monotone.h %D%/pipelines.h \
	%D%/pool_tests.h %D%/thread_state.h

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
	%D%/headers_alone.sh \
	%D%/install.sh \
	%D%/layers.sh \
	%D%/man_examples.sh \
	%D%/order_labels.sh \
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

# export_formats.sh runs check_export.
tests/export_formats.log: $(check_PROGRAMS)

# They run the programs of docs/examples.
tests/examples.log tests/examples_numbers.log tests/examples_sync.log: $(noinst_PROGRAMS)

# Programs made at random; its own TAP.
check_PROGRAMS += %D%/random_programs
%C%_random_programs_SOURCES = \
	%D%/random/disturb.c %D%/random/generate.c %D%/random/main.c %D%/random/predict.c %D%/random/program.h \
	%D%/random/run.c %D%/random/run_channels.c %D%/random/run_flow.c \
	%D%/random/run_loops.c %D%/random/run_pools.c %D%/random/run_tasks.c \
	%D%/random/run_waits.c %D%/random/show.c
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

check_PROGRAMS += %D%/check_sandbox
%C%_check_sandbox_SOURCES = %D%/check_sandbox.c
%C%_check_sandbox_CPPFLAGS = $(test_cppflags)
%C%_check_sandbox_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_process
%C%_check_process_SOURCES = %D%/check_process.c
%C%_check_process_CPPFLAGS = $(test_cppflags)
%C%_check_process_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_setuid
%C%_check_setuid_SOURCES = %D%/check_setuid.c
%C%_check_setuid_CPPFLAGS = $(test_cppflags)
%C%_check_setuid_LDADD = $(test_libs)
%C%_check_setuid_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dlopen

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

check_PROGRAMS += %D%/check_abi
%C%_check_abi_SOURCES = %D%/check_abi.c
%C%_check_abi_CPPFLAGS = $(test_cppflags)
%C%_check_abi_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_spawn
%C%_check_spawn_SOURCES = %D%/check_spawn.c %D%/check_spawn.h %D%/check_spawn_other.c
%C%_check_spawn_CPPFLAGS = $(test_cppflags)
%C%_check_spawn_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_spawn_lane
%C%_check_spawn_lane_SOURCES = %D%/check_spawn_lane.c %D%/check_spawn.h
%C%_check_spawn_lane_CPPFLAGS = $(test_cppflags)
%C%_check_spawn_lane_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_spawn_cpp
%C%_check_spawn_cpp_SOURCES = \
	%D%/check_spawn_cpp.cpp %D%/check_spawn.h %D%/check_spawn_other.c
%C%_check_spawn_cpp_CPPFLAGS = $(test_cppflags)
%C%_check_spawn_cpp_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_fork_deque
%C%_check_fork_deque_SOURCES = %D%/check_fork_deque.c
%C%_check_fork_deque_CPPFLAGS = $(test_cppflags)
%C%_check_fork_deque_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_job_deque
%C%_check_job_deque_SOURCES = %D%/check_job_deque.c
%C%_check_job_deque_CPPFLAGS = $(test_cppflags)
%C%_check_job_deque_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_injector
%C%_check_injector_SOURCES = %D%/check_injector.c
%C%_check_injector_CPPFLAGS = $(test_cppflags)
%C%_check_injector_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_sleep
%C%_check_sleep_SOURCES = %D%/check_sleep.c
%C%_check_sleep_CPPFLAGS = $(test_cppflags)
%C%_check_sleep_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_balance
%C%_check_balance_SOURCES = %D%/check_balance.c
%C%_check_balance_CPPFLAGS = $(test_cppflags)
%C%_check_balance_LDADD = $(test_libs)

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

check_PROGRAMS += %D%/check_sync
%C%_check_sync_SOURCES = %D%/check_sync.c
%C%_check_sync_CPPFLAGS = $(test_cppflags)
%C%_check_sync_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_park
%C%_check_park_SOURCES = %D%/check_park.c
%C%_check_park_CPPFLAGS = $(test_cppflags)
%C%_check_park_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_light
%C%_check_light_SOURCES = %D%/check_light.c
%C%_check_light_CPPFLAGS = $(test_cppflags)
%C%_check_light_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_shortage
%C%_check_shortage_SOURCES = %D%/check_shortage.c
%C%_check_shortage_CPPFLAGS = $(test_cppflags)
%C%_check_shortage_LDADD = $(test_libs)
%C%_check_shortage_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=pthread_create

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

check_PROGRAMS += %D%/check_float_mode
%C%_check_float_mode_SOURCES = %D%/check_float_mode.c
%C%_check_float_mode_CPPFLAGS = $(test_cppflags)
%C%_check_float_mode_LDADD = $(test_libs) -lm

check_PROGRAMS += %D%/check_faces
%C%_check_faces_SOURCES = %D%/check_faces.c
%C%_check_faces_CPPFLAGS = $(test_cppflags)
%C%_check_faces_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_limits
%C%_check_limits_SOURCES = %D%/check_limits.c
%C%_check_limits_CPPFLAGS = $(test_cppflags)
%C%_check_limits_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_pool_options
%C%_check_pool_options_SOURCES = %D%/check_pool_options.c
%C%_check_pool_options_CPPFLAGS = $(test_cppflags)
%C%_check_pool_options_LDADD = $(test_libs)
%C%_check_pool_options_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=pthread_create

check_PROGRAMS += %D%/check_pool_work
%C%_check_pool_work_SOURCES = %D%/check_pool_work.c
%C%_check_pool_work_CPPFLAGS = $(test_cppflags)
%C%_check_pool_work_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_wake
%C%_check_wake_SOURCES = %D%/check_wake.c
%C%_check_wake_CPPFLAGS = $(test_cppflags)
%C%_check_wake_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_join
%C%_check_join_SOURCES = %D%/check_join.c
%C%_check_join_CPPFLAGS = $(test_cppflags)
%C%_check_join_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_group_owner
%C%_check_group_owner_SOURCES = %D%/check_group_owner.c
%C%_check_group_owner_CPPFLAGS = $(test_cppflags)
%C%_check_group_owner_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_group
%C%_check_group_SOURCES = %D%/check_group.c
%C%_check_group_CPPFLAGS = $(test_cppflags)
%C%_check_group_LDADD = $(test_libs)

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

check_PROGRAMS += %D%/check_loop
%C%_check_loop_SOURCES = %D%/check_loop.c
%C%_check_loop_CPPFLAGS = $(test_cppflags)
%C%_check_loop_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_reduce
%C%_check_reduce_SOURCES = %D%/check_reduce.c
%C%_check_reduce_CPPFLAGS = $(test_cppflags)
%C%_check_reduce_LDADD = $(test_libs) -lm

check_PROGRAMS += %D%/check_pipeline
%C%_check_pipeline_SOURCES = %D%/check_pipeline.c
%C%_check_pipeline_CPPFLAGS = $(test_cppflags)
%C%_check_pipeline_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_pipeline_runs
%C%_check_pipeline_runs_SOURCES = %D%/check_pipeline_runs.c
%C%_check_pipeline_runs_CPPFLAGS = $(test_cppflags)
%C%_check_pipeline_runs_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_fork_process
%C%_check_fork_process_SOURCES = %D%/check_fork_process.c
%C%_check_fork_process_CPPFLAGS = $(test_cppflags)
%C%_check_fork_process_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_graph
%C%_check_graph_SOURCES = %D%/check_graph.c
%C%_check_graph_CPPFLAGS = $(test_cppflags)
%C%_check_graph_LDADD = $(test_libs)
%C%_check_graph_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=aligned_alloc

check_PROGRAMS += %D%/check_words
%C%_check_words_SOURCES = %D%/check_words.c
%C%_check_words_CPPFLAGS = $(test_cppflags)
%C%_check_words_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_page
%C%_check_page_SOURCES = %D%/check_page.c
%C%_check_page_CPPFLAGS = $(test_cppflags)
%C%_check_page_LDADD = $(test_libs)

check_PROGRAMS += %D%/check_export
%C%_check_export_SOURCES = %D%/check_export.c
%C%_check_export_CPPFLAGS = $(test_cppflags)
%C%_check_export_LDADD = $(test_libs)
%C%_check_export_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=aligned_alloc

check_PROGRAMS += %D%/check_export_exit
%C%_check_export_exit_SOURCES = %D%/check_export_exit.c
%C%_check_export_exit_CPPFLAGS = $(test_cppflags)
%C%_check_export_exit_LDADD = $(test_libs)

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

check_PROGRAMS += %D%/check_monotone
%C%_check_monotone_SOURCES = %D%/check_monotone.c
%C%_check_monotone_CPPFLAGS = $(test_cppflags)
%C%_check_monotone_LDADD = $(test_libs)

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

check_PROGRAMS += %D%/check_backpressure
%C%_check_backpressure_SOURCES = %D%/check_backpressure.c
%C%_check_backpressure_CPPFLAGS = $(test_cppflags)
%C%_check_backpressure_LDADD = $(test_libs)

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
