/* SPDX-License-Identifier: BSD-2-Clause */
/* The range of keys, and a sort of few keys, in plain C; see radix_kernel.h. */

static void
NAME(plain_range)(const KEY *keys, size_t n, KEY *low, KEY *high)
{
	KEY least = keys[0], largest = keys[0];

	for (size_t i = 1; i < n; i++) {
		least = keys[i] < least ? keys[i] : least;
		largest = keys[i] > largest ? keys[i] : largest;
	}
	*low = least;
	*high = largest;
}

/* By insertion: bins have few keys mostly. */
static void
NAME(plain_leaf)(const KEY *from, KEY *to, size_t n, const struct flc_radix_order *order)
{
	KEY flip = (KEY)order->flip, negative = (KEY)order->negative, sorted[FLC_RADIX_LEAF];

	for (size_t i = 0; i < n; i++) {
		KEY key = from[i];
		size_t at = i;

		for (; at > 0 && sorted[at - 1] > key; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = key;
	}
	for (size_t i = 0; i < n; i++) {
		KEY key = sorted[i] ^ flip;

		to[i] = key ^ ((KEY)((SIGNED_KEY)key >> (BITS - 1)) & negative);
	}
}
