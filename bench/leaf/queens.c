/* SPDX-License-Identifier: BSD-2-Clause */
#include "leaf.h"

int
leaf_queens_safe(const struct leaf_board *board, int n)
{
	int last = board->row[n - 1];

	for (int i = 0; i < n - 1; i++) {
		int distance = n - 1 - i;
		int column = board->row[i];

		if (column == last || column == last - distance || column == last + distance)
			return 0;
	}
	return 1;
}
