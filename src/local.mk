# libfilch_core is the library with nothing hidden: tests link it to reach the
# internals; libfilch.la is what gets installed.
noinst_LTLIBRARIES += %D%/libfilch_core.la
%C%_libfilch_core_la_SOURCES = \
	%D%/base/atomic.h \
	%D%/base/compiler.h \
	%D%/base/status.c \
	%D%/topology/topology.c \
	%D%/topology/topology.h \
	%D%/topology/placement.c \
	%D%/topology/placement.h \
	%D%/topology/quota.c \
	%D%/topology/quota.h
%C%_libfilch_core_la_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src $(ATOMIC_OPS_CFLAGS) $(HWLOC_CFLAGS)
%C%_libfilch_core_la_CFLAGS = $(AM_CFLAGS) $(VISIBILITY_CFLAGS)
%C%_libfilch_core_la_LIBADD = $(ATOMIC_OPS_LIBS) $(HWLOC_LIBS)

lib_LTLIBRARIES += %D%/libfilch.la
%C%_libfilch_la_SOURCES =
%C%_libfilch_la_LIBADD = %D%/libfilch_core.la
%C%_libfilch_la_LDFLAGS = $(AM_LDFLAGS) -no-undefined -version-info $(FILCH_LIBVERSION)

pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = %D%/filch.pc
