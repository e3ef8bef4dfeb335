/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every public header needs: linkage, visibility, version, status codes.
 *
 * Every call that can fail returns an int: zero is success, the library's own codes are
 * negative, and any other non-zero value is what the caller's own callback returned,
 * passed through unchanged: a callback that returns one of the library's codes cannot be
 * told from the call that fails with it.
 *
 * Each call that may make the default pool returns FILCH_NOMEM or FILCH_AGAIN if there is
 * no memory or no thread for it; typed tasks then run inline.
 */
#ifndef FILCH_BASE_H
#define FILCH_BASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define FILCH_LINKAGE extern "C"
#else
#define FILCH_LINKAGE extern
#endif

/* Before each exported function; the library hides everything else. */
#if defined(__GNUC__)
#define FILCH_API FILCH_LINKAGE __attribute__((visibility("default")))
#else
#define FILCH_API FILCH_LINKAGE
#endif

/* Casts of the macros and inline functions, each language's own: a program that is
 * compiled with -Wold-style-cast sees no cast of C. */
#ifdef __cplusplus
#define FLC_AS_(type, value) static_cast<type>(value)
#define FLC_SEEN_AS_(type, pointer) reinterpret_cast<type>(pointer)
#else
#define FLC_AS_(type, value) ((type)(value))
#define FLC_SEEN_AS_(type, pointer) ((type)(pointer))
#endif

/* Before what a macro defines and a program need not use. */
#if defined(__GNUC__)
#define FLC_MAY_BE_UNUSED_ __attribute__((unused))
#else
#define FLC_MAY_BE_UNUSED_
#endif

/* The only place that has it; configure reads it here. */
#define FILCH_VERSION_MAJOR 0
#define FILCH_VERSION_MINOR 2
#define FILCH_VERSION_PATCH 0

/* The version of the library at run time, "0.2.0". */
FILCH_API const char *filch_version(void);

/* One row per code; the enum and filch_status_text() both come from here. */
#define FILCH_STATUS_MAP(X) \
	X(OK,            0, "success") \
	X(NOMEM,        -1, "out of memory") \
	X(INVAL,        -2, "invalid argument") \
	X(AGAIN,        -3, "not possible right now; try again") \
	X(CLOSED,       -4, "closed") \
	X(CANCELED,     -5, "canceled") \
	X(TIMEOUT,      -6, "the deadline has passed") \
	X(DEADLOCK,     -7, "this wait could never end") \
	X(FORKED,       -8, "made before fork(); not usable in the child") \
	X(BUSY,         -9, "in use") \
	X(UNSUPPORTED, -10, "not supported here")

enum filch_status {
#define FILCH_STATUS_ENUM(name, value, text) FILCH_##name = (value),
	FILCH_STATUS_MAP(FILCH_STATUS_ENUM)
#undef FILCH_STATUS_ENUM
	FILCH_STATUS_LAST_ = -10
};

/* English text for a status; never NULL, also for values of a newer library and for those
 * of callbacks. */
FILCH_API const char *filch_status_text(int status);

/*
 * What is run, here or there: it gets its context, and returns zero or a failure.  Kinds
 * of work that get more than that have types of their own, which end in _fn as well.
 */
typedef int filch_task_fn(void *context);

/* Gets a text piece by piece; non-zero stops and is returned. */
typedef int filch_write_fn(void *context, const char *text, size_t length);

/* One of these: context is a FILE *. */
FILCH_API int filch_write_file(void *file, const char *text, size_t length);

/*
 * Times are nanoseconds.  A deadline is on CLOCK_MONOTONIC, as filch_now() reads it;
 * FILCH_FOREVER waits without one, 0 does not wait.  Options have no deadlines: what ends
 * a loop or a graph early is their stop_at, where 0 is the default, never.
 */
#define FILCH_FOREVER UINT64_MAX

/* CLOCK_MONOTONIC in nanoseconds.  Any thread; never blocks; about 25 ns. */
FILCH_API uint64_t filch_now(void);

/* The deadline that is so much later than now; FILCH_FOREVER if no number holds it. */
FILCH_API uint64_t filch_after_ns(uint64_t ns);
FILCH_API uint64_t filch_after_us(uint64_t us);
FILCH_API uint64_t filch_after_ms(uint64_t ms);

#endif /* FILCH_BASE_H */
