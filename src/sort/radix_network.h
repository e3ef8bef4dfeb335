/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The range of keys, and a sort of up to 64 keys in registers, for vectors; see
 * radix_kernel.h.  A bitonic network (K. Batcher, "Sorting Networks and Their
 * Applications", 1968): each register is sorted, then registers are merged.
 *
 * The including file defines besides
 *
 *     VECTOR, LANES            the type of a register, how many keys it holds
 *     LOAD(p), STORE(p, v)     unaligned
 *     LOAD_SOME(p, n)          the first n keys, n up to LANES, and the largest key behind
 *     STORE_SOME(p, v, n)
 *     LEAST(v, w), LARGEST(v, w)
 *     SWAP1(v) SWAP2(v) ..     each lane takes that of the lane whose number differs by so
 *                              much, in that bit only
 *     FLIP4(v) FLIP8(v) ..     lanes in reverse, in each group of so many
 *     TAKE1(v, w) TAKE2 ..     lanes of w where that bit of their number is set, else of v
 *     ORIGINAL(v, flip, negative)  as an order maps back, of vectors
 *     ALL(key)                 each lane is the key
 *     SORT_LANES(v), MERGE_LANES(v), FLIP(v)   of all lanes, by the steps below
 */

#define STEP(v, other, bit) TAKE##bit(LEAST(v, other), LARGEST(v, other))
#define SORT_4(v) \
	v = STEP(v, SWAP1(v), 1); \
	v = STEP(v, FLIP4(v), 2); \
	v = STEP(v, SWAP1(v), 1)
#define MERGE_4(v) \
	v = STEP(v, SWAP2(v), 2); \
	v = STEP(v, SWAP1(v), 1)
#define SORT_8(v) \
	SORT_4(v); \
	v = STEP(v, FLIP8(v), 4); \
	MERGE_4(v)
#define MERGE_8(v) \
	v = STEP(v, SWAP4(v), 4); \
	MERGE_4(v)
#define SORT_16(v) \
	SORT_8(v); \
	v = STEP(v, FLIP16(v), 8); \
	MERGE_8(v)
#define MERGE_16(v) \
	v = STEP(v, SWAP8(v), 8); \
	MERGE_8(v)

/* Two sorted halves of so many registers become one. */
static FLC_ALWAYS_INLINE void
NAME(merge)(VECTOR *v, const int registers)
{
	FLC_UNROLL(8)
	for (int i = 0; i < registers / 2; i++) {
		VECTOR other = FLIP(v[registers - 1 - i]);

		v[registers - 1 - i] = LARGEST(v[i], other);
		v[i] = LEAST(v[i], other);
	}
	FLC_UNROLL(4)
	for (int apart = registers / 4; apart > 0; apart /= 2) {
		FLC_UNROLL(16)
		for (int i = 0; i < registers; i++)
			if ((i & apart) == 0) {
				VECTOR least = LEAST(v[i], v[i + apart]);

				v[i + apart] = LARGEST(v[i], v[i + apart]);
				v[i] = least;
			}
	}
	FLC_UNROLL(16)
	for (int i = 0; i < registers; i++) {
		MERGE_LANES(v[i]);
	}
}

/* Of each so many registers, whose halves are sorted, one sorted run; nothing if there
 * are fewer. */
static FLC_ALWAYS_INLINE void
NAME(merge_all)(VECTOR *v, const int registers, const int merged)
{
	FLC_UNROLL(8)
	for (int i = 0; i + merged <= registers; i += merged)
		NAME(merge)(v + i, merged);
}

/* More than half of the registers are full. */
static FLC_ALWAYS_INLINE void
NAME(sort_registers)(const KEY *from, KEY *to, size_t n, const int registers,
    const struct flc_radix_order *order)
{
	VECTOR v[16], flip = ALL((SIGNED_KEY)order->flip);
	VECTOR negative = ALL((SIGNED_KEY)order->negative);

	FLC_UNROLL(16)
	for (int i = 0; i < registers; i++) {
		size_t begin = (size_t)i * LANES, left = n > begin ? n - begin : 0;

		v[i] = i < registers / 2 ? LOAD(from + begin)
		    : LOAD_SOME(from + begin, left < LANES ? left : LANES);
		SORT_LANES(v[i]);
	}
	/* Each with a constant: clang does not unroll a loop that doubles its counter. */
	NAME(merge_all)(v, registers, 2);
	NAME(merge_all)(v, registers, 4);
	NAME(merge_all)(v, registers, 8);
	NAME(merge_all)(v, registers, 16);
	FLC_UNROLL(16)
	for (int i = 0; i < registers; i++) {
		size_t begin = (size_t)i * LANES, left = n > begin ? n - begin : 0;
		VECTOR key = ORIGINAL(v[i], flip, negative);

		if (i < registers / 2)
			STORE(to + begin, key);
		else
			STORE_SOME(to + begin, key, left < LANES ? left : LANES);
	}
}

static inline void
NAME(network_leaf)(const KEY *from, KEY *to, size_t n, const struct flc_radix_order *order)
{
	if (n <= LANES)
		NAME(sort_registers)(from, to, n, 1, order);
	else if (n <= 2 * LANES)
		NAME(sort_registers)(from, to, n, 2, order);
	else if (n <= 4 * LANES)
		NAME(sort_registers)(from, to, n, 4, order);
#if FLC_RADIX_LEAF > 4 * LANES
	else if (n <= 8 * LANES)
		NAME(sort_registers)(from, to, n, 8, order);
#endif
#if FLC_RADIX_LEAF > 8 * LANES
	else
		NAME(sort_registers)(from, to, n, 16, order);
#endif
}

static inline void
NAME(vector_range)(const KEY *keys, size_t n, KEY *low, KEY *high)
{
	KEY least[LANES], largest[LANES];
	size_t i = 0;

	if (n >= 2 * LANES) {
		VECTOR a = LOAD(keys), b = LOAD(keys + LANES);
		VECTOR least_a = a, least_b = b, largest_a = a, largest_b = b;

		for (i = 2 * LANES; i + 2 * LANES <= n; i += 2 * LANES) {
			a = LOAD(keys + i);
			b = LOAD(keys + i + LANES);
			least_a = LEAST(least_a, a);
			least_b = LEAST(least_b, b);
			largest_a = LARGEST(largest_a, a);
			largest_b = LARGEST(largest_b, b);
		}
		least_a = LEAST(least_a, least_b);
		largest_a = LARGEST(largest_a, largest_b);
		STORE(least, least_a);
		STORE(largest, largest_a);
		*low = least[0];
		*high = largest[0];
		for (size_t lane = 1; lane < LANES; lane++) {
			*low = least[lane] < *low ? least[lane] : *low;
			*high = largest[lane] > *high ? largest[lane] : *high;
		}
	} else {
		*low = *high = keys[0];
	}
	for (; i < n; i++) {
		*low = keys[i] < *low ? keys[i] : *low;
		*high = keys[i] > *high ? keys[i] : *high;
	}
}

#undef STEP
#undef SORT_4
#undef MERGE_4
#undef SORT_8
#undef MERGE_8
#undef SORT_16
#undef MERGE_16
