/* SPDX-License-Identifier: BSD-2-Clause */
#include <filch.h>
#include <stdio.h>

static int
square(void *out, size_t begin, size_t end)
{
	for (size_t i = begin; i < end; i++)
		((size_t *)out)[i] = i * i;
	return 0;
}

int
main(void)
{
	static size_t squares[1000000];

	if (filch_for(0, 1000000, square, squares, NULL) == 0)
		printf("999999 squared is %zu\n", squares[999999]);
}
