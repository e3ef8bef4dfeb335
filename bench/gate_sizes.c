/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints the sizes of the structs that every fork, task or loop touches. */
#include <filch.h>
#include <filch/hot.h>

#include <stdio.h>

FILCH_TASK(long, one_argument, long, value)
{
	return value;
}

FILCH_TASK(void, eight_arguments, long, a, long, b, long, c, long, d, long, e, long, f,
    long, g, long, h)
{
	(void)a, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g, (void)h;
}

#define SIZE(type) printf(#type "\t%zu\n", sizeof(type))

int
main(void)
{
	SIZE(filch_record_);
	SIZE(filch_fork_deque_);
	SIZE(FILCH_RECORD(one_argument));
	SIZE(FILCH_RECORD(eight_arguments));
	SIZE(filch_group);
	SIZE(filch_cancel);
	SIZE(filch_for_options);
	return 0;
}
