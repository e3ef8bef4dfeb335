# The shipped source under Relacy, one program per scene.
model_sources = \
	%D%/atomic_relacy.hpp \
	%D%/base/fork_generation.h \
	%D%/base/lock.h \
	%D%/base/static_lock.h \
	%D%/channel.cpp \
	%D%/count/counters.h \
	%D%/count/rows.h \
	%D%/count/sample.h \
	%D%/filch/mutex.h \
	%D%/filch/task.h \
	%D%/fork_deque.cpp \
	%D%/group.cpp \
	%D%/fork.cpp \
	%D%/fork_deque_leap.cpp \
	%D%/job_deque.cpp \
	%D%/mutex.cpp \
	%D%/range_rest.cpp \
	%D%/wait/wait_graph.h \
	%D%/sched/inbox.h \
	%D%/wait/held_locks.h \
	%D%/pool/pool.h \
	%D%/sched/stack.h \
	%D%/wait/stall.h \
	%D%/scene.hpp \
	%D%/sleep.cpp \
	%D%/channel/slot.h \
	%D%/channel/stats.h \
	%D%/sync/spin.h \
	%D%/world.hpp
EXTRA_DIST += $(model_sources) %D%/check.sh %D%/deep.sh %D%/mutants.sh

CLEANFILES += $(model_programs)
EXTRA_PROGRAMS += %D%/model_fork_deque %D%/model_job_deque %D%/model_fork_deque_leap \
	%D%/model_fork %D%/model_sleep %D%/model_group %D%/model_mutex %D%/model_channel \
	%D%/model_range_rest
model_cppflags = -DFLC_MODEL -I$(top_srcdir)/tests/model -I$(top_srcdir)/src -I$(top_srcdir)/include
# No warnings: Relacy's headers; no sanitizer: it switches stacks.
model_cxxflags = -std=gnu++11 -O1 -w
%C%_model_fork_deque_SOURCES = %D%/fork_deque.cpp
%C%_model_fork_deque_CPPFLAGS = $(model_cppflags)
%C%_model_fork_deque_CXXFLAGS = $(model_cxxflags)
%C%_model_fork_deque_LDFLAGS =
%C%_model_job_deque_SOURCES = %D%/job_deque.cpp
%C%_model_job_deque_CPPFLAGS = $(model_cppflags)
%C%_model_job_deque_CXXFLAGS = $(model_cxxflags)
%C%_model_job_deque_LDFLAGS =
%C%_model_fork_deque_leap_SOURCES = %D%/fork_deque_leap.cpp
%C%_model_fork_deque_leap_CPPFLAGS = $(model_cppflags)
%C%_model_fork_deque_leap_CXXFLAGS = $(model_cxxflags)
%C%_model_fork_deque_leap_LDFLAGS =
%C%_model_fork_SOURCES = %D%/fork.cpp
%C%_model_fork_CPPFLAGS = $(model_cppflags)
%C%_model_fork_CXXFLAGS = $(model_cxxflags)
%C%_model_fork_LDFLAGS =
%C%_model_mutex_SOURCES = %D%/mutex.cpp
%C%_model_mutex_CPPFLAGS = $(model_cppflags)
%C%_model_mutex_CXXFLAGS = $(model_cxxflags)
%C%_model_mutex_LDFLAGS =
%C%_model_channel_SOURCES = %D%/channel.cpp
%C%_model_channel_CPPFLAGS = $(model_cppflags)
%C%_model_channel_CXXFLAGS = $(model_cxxflags)
%C%_model_channel_LDFLAGS =
%C%_model_sleep_SOURCES = %D%/sleep.cpp
%C%_model_sleep_CPPFLAGS = $(model_cppflags)
%C%_model_sleep_CXXFLAGS = $(model_cxxflags)
%C%_model_sleep_LDFLAGS =

%C%_model_group_SOURCES = %D%/group.cpp
%C%_model_group_CPPFLAGS = $(model_cppflags)
%C%_model_group_CXXFLAGS = $(model_cxxflags)
%C%_model_group_LDFLAGS =

%C%_model_range_rest_SOURCES = %D%/range_rest.cpp
%C%_model_range_rest_CPPFLAGS = $(model_cppflags)
%C%_model_range_rest_CXXFLAGS = $(model_cxxflags)
%C%_model_range_rest_LDFLAGS =

model_programs = %D%/model_fork_deque %D%/model_job_deque %D%/model_fork_deque_leap %D%/model_fork \
	%D%/model_sleep %D%/model_group %D%/model_mutex %D%/model_channel %D%/model_range_rest
model_built =
if HAVE_RELACY
if !SANITIZED
model_built += $(model_programs)
TESTS += %D%/check.sh
endif
endif
%D%/check.log: $(model_built)

# Some minutes; every seeded fault.
.PHONY: check-deep check-model-deep
check-deep: check-model-deep
check-model-deep: $(model_programs)
	$(AM_TESTS_ENVIRONMENT) $(SHELL) $(top_srcdir)/%D%/deep.sh
