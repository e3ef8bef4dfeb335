/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The three forms that each kernel's file is compiled in:
 *
 *     BENCH_SERIAL   the serial twin: the typed form with each spawn a call
 *     BENCH_TYPED    filch's typed tasks
 *     BENCH_PLAIN    filch's function pointers
 *
 * The twin is the same text as the typed form, so that T1 over Ts is the cost of the
 * forks and of nothing else.
 */
#ifndef BENCH_FORM_H
#define BENCH_FORM_H

#include "../protocol.h"

#if defined(BENCH_TYPED) || defined(BENCH_PLAIN)
#include <filch.h>
#elif !defined(BENCH_SERIAL)
#error "one of BENCH_SERIAL, BENCH_TYPED, BENCH_PLAIN"
#endif

#ifdef BENCH_SERIAL

/* parameter list from pairs: T, a, U, b -> T a, U b */
#define FORM_PAIR2(t, a) t a
#define FORM_PAIR4(t, a, ...) t a, FORM_PAIR2(__VA_ARGS__)
#define FORM_PAIR6(t, a, ...) t a, FORM_PAIR4(__VA_ARGS__)
#define FORM_PAIR8(t, a, ...) t a, FORM_PAIR6(__VA_ARGS__)
#define FORM_PAIR10(t, a, ...) t a, FORM_PAIR8(__VA_ARGS__)
#define FORM_PAIR12(t, a, ...) t a, FORM_PAIR10(__VA_ARGS__)
#define FORM_PAIR14(t, a, ...) t a, FORM_PAIR12(__VA_ARGS__)
#define FORM_PAIR16(t, a, ...) t a, FORM_PAIR14(__VA_ARGS__)
#define FORM_PICK(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, \
	pick, ...) pick
#define FORM_PARAMETERS(...) \
	FORM_PICK(__VA_ARGS__, FORM_PAIR16, 0, FORM_PAIR14, 0, FORM_PAIR12, 0, FORM_PAIR10, \
	    0, FORM_PAIR8, 0, FORM_PAIR6, 0, FORM_PAIR4, 0, FORM_PAIR2, 0, 0)(__VA_ARGS__)

#define FORM_IS_VOID(type) __builtin_types_compatible_p(type, void)

/* static long fib(int n); a record is nothing but the result, an int for void.  Typedefs
 * and prototypes only, so that a task can be declared and defined. */
#define FILCH_TASK_DECLARE(type, name, ...) \
	typedef type name##_type; \
	typedef __typeof__(*__builtin_choose_expr(FORM_IS_VOID(type), (int *)0, (type *)0)) \
	    name##_record; \
	static type name(FORM_PARAMETERS(__VA_ARGS__))
#define FILCH_TASK(type, name, ...) \
	FILCH_TASK_DECLARE(type, name, __VA_ARGS__); \
	static type name(FORM_PARAMETERS(__VA_ARGS__))
#define FILCH_RECORD(name) name##_record
#define FILCH_CALL(name, ...) name(__VA_ARGS__)
#define FILCH_RUN(name, ...) name(__VA_ARGS__)
#define FILCH_SPAWN_AT(record, name, ...) \
	(*(record) = __builtin_choose_expr(FORM_IS_VOID(name##_type), \
	    (name(__VA_ARGS__), 0), name(__VA_ARGS__)))
#define FILCH_SPAWN(child, name, ...) \
	name##_record child; \
	FILCH_SPAWN_AT(&child, name, __VA_ARGS__)
#define FILCH_JOIN_AT(record, name) \
	__builtin_choose_expr(FORM_IS_VOID(name##_type), (void)*(record), *(record))
#define FILCH_JOIN(child, name) FILCH_JOIN_AT(&child, name)

#endif /* BENCH_SERIAL */

/* Calls a kernel's task from outside of the pool; in the plain form, what has its name is
 * a function that does so. */
#ifdef BENCH_PLAIN
#define FORM_RUN(name, ...) name(__VA_ARGS__)
#else
#define FORM_RUN(name, ...) FILCH_RUN(name, __VA_ARGS__)
#endif

/* Memory of the caller's frame for n items, where n is small but not constant. */
#define FORM_ON_STACK(type, n) ((type *)__builtin_alloca((size_t)(n) * sizeof(type)))

/* One line per kernel: table.c's rows, and the declarations. */
#define FORM_KERNEL_MAP(X) \
	X(fib) X(nqueens) X(integrate) X(uts_t1) X(uts_t3) X(skynet) X(matmul) X(cilksort) \
	X(strassen) X(heat) X(knapsack) X(lu) X(fft) X(quicksort) X(binomial) \
	X(axpy) X(axpy_outside) X(mandelbrot) X(triangular) X(nested) X(sum) \
	X(launch) X(handoff) X(two_long) X(idle)

/* What the library was built as; compiled with the library's flags. */
const char *bench_build(void);

#define FORM_DECLARE(name) bench_run_fn bench_##name;
FORM_KERNEL_MAP(FORM_DECLARE)
#undef FORM_DECLARE

#endif /* BENCH_FORM_H */
