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
	%D%/forks.cpp \
	%D%/group.cpp \
	%D%/join.cpp \
	%D%/leap.cpp \
	%D%/loose.cpp \
	%D%/mutex.cpp \
	%D%/rest.cpp \
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
EXTRA_PROGRAMS += %D%/model_forks %D%/model_loose %D%/model_leap %D%/model_join \
	%D%/model_sleep %D%/model_group %D%/model_mutex %D%/model_channel %D%/model_rest
model_cppflags = -DFLC_MODEL -I$(top_srcdir)/tests/model -I$(top_srcdir)/src -I$(top_srcdir)/include
# No warnings: Relacy's headers; no sanitizer: it switches stacks.
model_cxxflags = -std=gnu++11 -O1 -w
%C%_model_forks_SOURCES = %D%/forks.cpp
%C%_model_forks_CPPFLAGS = $(model_cppflags)
%C%_model_forks_CXXFLAGS = $(model_cxxflags)
%C%_model_forks_LDFLAGS =
%C%_model_loose_SOURCES = %D%/loose.cpp
%C%_model_loose_CPPFLAGS = $(model_cppflags)
%C%_model_loose_CXXFLAGS = $(model_cxxflags)
%C%_model_loose_LDFLAGS =
%C%_model_leap_SOURCES = %D%/leap.cpp
%C%_model_leap_CPPFLAGS = $(model_cppflags)
%C%_model_leap_CXXFLAGS = $(model_cxxflags)
%C%_model_leap_LDFLAGS =
%C%_model_join_SOURCES = %D%/join.cpp
%C%_model_join_CPPFLAGS = $(model_cppflags)
%C%_model_join_CXXFLAGS = $(model_cxxflags)
%C%_model_join_LDFLAGS =
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

%C%_model_rest_SOURCES = %D%/rest.cpp
%C%_model_rest_CPPFLAGS = $(model_cppflags)
%C%_model_rest_CXXFLAGS = $(model_cxxflags)
%C%_model_rest_LDFLAGS =

model_programs = %D%/model_forks %D%/model_loose %D%/model_leap %D%/model_join \
	%D%/model_sleep %D%/model_group %D%/model_mutex %D%/model_channel %D%/model_rest
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
