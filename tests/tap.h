/* SPDX-License-Identifier: BSD-2-Clause */
/* A table of scenes, each run in a process of its own, as lines of TAP: for what Check
 * cannot do, since it has the child of its fork for itself. */
#ifndef FILCH_TEST_TAP_H
#define FILCH_TEST_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int tap_tests, tap_failures;

static inline void
tap_plan(int tests)
{
	printf("1..%d\n", tests);
	fflush(stdout);
}

__attribute__((format(printf, 2, 3))) static inline void
tap_result(bool passed, const char *format, ...)
{
	va_list arguments;

	tap_failures += !passed;
	printf("%sok %d - ", passed ? "" : "not ", ++tap_tests);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	fflush(stdout);
}

static inline int
tap_skip_all(const char *reason)
{
	printf("1..0 # SKIP %s\n", reason);
	return EXIT_SUCCESS;
}

static inline int
tap_status(void)
{
	return tap_failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* A fact of a scene; what broke is said, and the scene's process ends. */
#define NEED(fact) \
	do { \
		if (!(fact)) { \
			fprintf(stderr, "# %s:%d: broken: %s\n", __FILE__, __LINE__, #fact); \
			_exit(1); \
		} \
	} while (0)

#endif /* FILCH_TEST_TAP_H */
