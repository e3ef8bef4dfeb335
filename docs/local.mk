# Man pages and examples.
dist_man_MANS += \
	%D%/man/filch.3 \
	%D%/man/filch_channel.3 \
	%D%/man/filch_find.3 \
	%D%/man/filch_graph.3 \
	%D%/man/filch_histogram.3 \
	%D%/man/filch_loop.3 \
	%D%/man/filch_metrics.3 \
	%D%/man/filch_pack.3 \
	%D%/man/filch_pipeline.3 \
	%D%/man/filch_move.3 \
	%D%/man/filch_mutex.3 \
	%D%/man/filch_pool.3 \
	%D%/man/filch_process.7 \
	%D%/man/filch_reduce.3 \
	%D%/man/filch_scan.3 \
	%D%/man/filch_sort.3 \
	%D%/man/filch_select.3 \
	%D%/man/filch_spawn.3 \
	%D%/man/filch_task.3

dist_doc_DATA = \
	%D%/benchmarks.md \
	%D%/blocking.md \
	%D%/channels.md \
	%D%/deque.md \
	%D%/design.md \
	%D%/files.md \
	%D%/promises.md \
	%D%/sanitizers.md \
	%D%/sleep.md

noinst_PROGRAMS += %D%/examples/hello %D%/examples/wordcount
%C%_examples_hello_LDADD = src/libfilch.la
%C%_examples_wordcount_SOURCES = \
	%D%/examples/reader.c \
	%D%/examples/reader.h \
	%D%/examples/sample.c \
	%D%/examples/sample.h \
	%D%/examples/table.c \
	%D%/examples/table.h \
	%D%/examples/timing.h \
	%D%/examples/wordcount.c
%C%_examples_wordcount_LDADD = src/libfilch.la

noinst_PROGRAMS += %D%/examples/echo-pool
%C%_examples_echo_pool_SOURCES = \
	%D%/examples/echo_pool.c \
	%D%/examples/echo_pool.h \
	%D%/examples/echo_pool_client.c \
	%D%/examples/echo_pool_client.h \
	%D%/examples/echo_pool_load.c \
	%D%/examples/echo_pool_server.c \
	%D%/examples/echo_pool_socket.c \
	%D%/examples/timing.h
%C%_examples_echo_pool_LDADD = src/libfilch.la

# Their loops are worth vectors; sqrt() need not set errno.
VECTOR_CFLAGS = $(AM_CFLAGS) -O3 -fno-math-errno
noinst_PROGRAMS += %D%/examples/nbody %D%/examples/spmv
%C%_examples_nbody_SOURCES = \
	%D%/examples/nbody.c \
	%D%/examples/number.h \
	%D%/examples/timing.h
%C%_examples_nbody_CFLAGS = $(VECTOR_CFLAGS)
%C%_examples_nbody_LDADD = src/libfilch.la -lm
%C%_examples_spmv_SOURCES = \
	%D%/examples/matrix_market.c \
	%D%/examples/matrix_market.h \
	%D%/examples/spmv.c \
	%D%/examples/timing.h
%C%_examples_spmv_LDADD = src/libfilch.la

if HAVE_PNG
noinst_PROGRAMS += %D%/examples/mandelbrot %D%/examples/palette
endif
%C%_examples_palette_SOURCES = \
	%D%/examples/number.h \
	%D%/examples/palette.c \
	%D%/examples/timing.h
%C%_examples_palette_CPPFLAGS = $(AM_CPPFLAGS) $(PNG_CFLAGS)
%C%_examples_palette_CFLAGS = $(VECTOR_CFLAGS)
%C%_examples_palette_LDADD = src/libfilch.la $(PNG_LIBS)
%C%_examples_mandelbrot_SOURCES = %D%/examples/mandelbrot.c %D%/examples/timing.h
%C%_examples_mandelbrot_CPPFLAGS = $(AM_CPPFLAGS) $(PNG_CFLAGS)
%C%_examples_mandelbrot_LDADD = src/libfilch.la $(PNG_LIBS) -lm

if HAVE_ZLIB
noinst_PROGRAMS += %D%/examples/pigzlike
endif
%C%_examples_pigzlike_SOURCES = \
	%D%/examples/pigzlike.c \
	%D%/examples/stages.h \
	%D%/examples/timing.h
%C%_examples_pigzlike_CPPFLAGS = $(AM_CPPFLAGS) $(ZLIB_CFLAGS)
%C%_examples_pigzlike_LDADD = src/libfilch.la $(ZLIB_LIBS)

if HAVE_DEDUP
noinst_PROGRAMS += %D%/examples/dedup
endif
%C%_examples_dedup_SOURCES = \
	%D%/examples/dedup.c \
	%D%/examples/dedup.h \
	%D%/examples/dedup_index.c \
	%D%/examples/dedup_index.h \
	%D%/examples/dedup_pack.c \
	%D%/examples/dedup_restore.c \
	%D%/examples/stages.h \
	%D%/examples/timing.h
%C%_examples_dedup_CPPFLAGS = $(AM_CPPFLAGS) $(ZLIB_CFLAGS) $(XXHASH_CFLAGS)
%C%_examples_dedup_LDADD = src/libfilch.la $(ZLIB_LIBS) $(XXHASH_LIBS)

EXTRA_DIST += docs/orders.md
EXTRA_DIST += %D%/scaling.md
