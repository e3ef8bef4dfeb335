/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernels of radix.h for one instruction set and one width of a key.  The including
 * file defines
 *
 *     KEY, SIGNED_KEY, BITS    the type of a key, its signed twin, how many bits it has
 *     NAME(word)               the word with that width and set in it
 *     AVERAGE                  keys that a bin of the last step should get
 *     LEAF(from, to, n, order) sorts up to FLC_RADIX_LEAF ordered keys, and maps them back
 *     RANGE(keys, n, low, high)
 *     STREAM_LINE(to, from)    writes FLC_RADIX_LINE bytes around the caches, both aligned
 *     STREAM_END()             after the last of them
 */

static inline KEY
NAME(ordered)(KEY key, KEY flip, KEY negative)
{
	return key ^ ((KEY)((SIGNED_KEY)key >> (BITS - 1)) & negative) ^ flip;
}

static inline KEY
NAME(original)(KEY ordered, KEY flip, KEY negative)
{
	KEY key = ordered ^ flip;

	return key ^ ((KEY)((SIGNED_KEY)key >> (BITS - 1)) & negative);
}

static inline size_t
NAME(bin_of)(KEY key, KEY low, unsigned shift, size_t last)
{
	KEY above = key > low ? key - low : 0;
	size_t bin = (size_t)(above >> shift);

	return bin < last ? bin : last;
}

static unsigned
NAME(bits_of)(KEY key)
{
	return key == 0 ? 0 : 64 - (unsigned)__builtin_clzll(key);
}

static void
NAME(range)(const void *keys, size_t n, uint64_t *low, uint64_t *high)
{
	KEY least, largest;

	RANGE((const KEY *)keys, n, &least, &largest);
	*low = least;
	*high = largest;
}

static bool
NAME(is_sorted)(const void *keys, size_t n, const struct flc_radix_order *order, bool up)
{
	const KEY *key = keys;
	KEY negative = (KEY)order->negative;
	/* Complements descend where the keys ascend. */
	KEY flip = up ? (KEY)order->flip : (KEY)~order->flip;
	KEY last = NAME(ordered)(key[0], flip, negative);

	for (size_t i = 1; i < n;) {
		size_t end = n - i < 64 ? n : i + 64;
		KEY falls = 0;

		for (; i < end; i++) {
			KEY now = NAME(ordered)(key[i], flip, negative);

			falls |= now < last;
			last = now;
		}
		if (falls)
			return false;
	}
	return true;
}

static void
NAME(map)(const void *keys, void *to, size_t n, const struct flc_radix_order *order)
{
	const KEY *key = keys;
	KEY *out = to, flip = (KEY)order->flip, negative = (KEY)order->negative;

	if (keys == to && flip == 0 && negative == 0)
		return;
	for (size_t i = 0; i < n; i++)
		out[i] = NAME(ordered)(key[i], flip, negative);
}

static void
NAME(map_back)(const void *keys, void *to, size_t n, const struct flc_radix_order *order)
{
	const KEY *key = keys;
	KEY *out = to, flip = (KEY)order->flip, negative = (KEY)order->negative;

	if (keys == to && flip == 0 && negative == 0)
		return;
	for (size_t i = 0; i < n; i++)
		out[i] = NAME(original)(key[i], flip, negative);
}

static void
NAME(fill)(void *to, size_t n, uint64_t key, const struct flc_radix_order *order)
{
	KEY original = NAME(original)((KEY)key, (KEY)order->flip, (KEY)order->negative);
	KEY *out = to;

	for (size_t i = 0; i < n; i++)
		out[i] = original;
}

/* -- Of large arrays -- */

static void
NAME(count)(const void *keys, size_t n, const struct flc_radix_order *order,
    const struct flc_radix_bins *bins, uint32_t *counts)
{
	const KEY *key = keys;
	KEY flip = (KEY)order->flip, negative = (KEY)order->negative, low = (KEY)bins->low;
	unsigned shift = bins->shift;
	size_t last = bins->last;

	FLC_UNROLL(4)
	for (size_t i = 0; i < n; i++)
		counts[NAME(bin_of)(NAME(ordered)(key[i], flip, negative), low, shift, last)]++;
}

#define LINE_KEYS (FLC_RADIX_LINE / sizeof(KEY))

/* The keys of a line that is full, which ends before position `end` of an aligned array;
 * what stands before `start` is not ours. */
static inline void
NAME(flush)(const KEY *line, KEY *to, size_t end, size_t start, bool far)
{
	size_t begin = end - LINE_KEYS;

	if (FLC_UNLIKELY(begin < start))
		for (size_t i = start; i < end; i++)
			to[i] = line[i % LINE_KEYS];
	else if (far)
		STREAM_LINE(to + begin, line);
	else
		memcpy(to + begin, line, FLC_RADIX_LINE);
}

static void
NAME(scatter)(const void *keys, size_t n, const struct flc_radix_order *order,
    const struct flc_radix_bins *bins, unsigned group, size_t *position, size_t *start,
    void *lines, void *to, bool far)
{
	const KEY *key = keys;
	KEY flip = (KEY)order->flip, negative = (KEY)order->negative, low = (KEY)bins->low;
	unsigned shift = bins->shift;
	size_t last = bins->last, groups = (last >> group) + 1;
	/* Positions count from where a line begins. */
	size_t more = (size_t)to % FLC_RADIX_LINE / sizeof(KEY);
	KEY *out = (KEY *)to - more, *line = lines;

	for (size_t b = 0; b < groups; b++)
		start[b] = position[b] += more;
	FLC_UNROLL(2)
	for (size_t i = 0; i < n; i++) {
		KEY k = NAME(ordered)(key[i], flip, negative);
		size_t b = NAME(bin_of)(k, low, shift, last) >> group, at = position[b];

		line[b * LINE_KEYS + at % LINE_KEYS] = k;
		position[b] = ++at;
		if (at % LINE_KEYS == 0)
			NAME(flush)(line + b * LINE_KEYS, out, at, start[b], far);
	}
	for (size_t b = 0; b < groups; b++) {
		size_t begin = position[b] - position[b] % LINE_KEYS;

		for (size_t i = begin > start[b] ? begin : start[b]; i < position[b]; i++)
			out[i] = line[b * LINE_KEYS + i % LINE_KEYS];
		position[b] -= more;
	}
	STREAM_END();
}

#undef LINE_KEYS

static void
NAME(split)(const void *keys, size_t n, const struct flc_radix_bins *bins, size_t first,
    uint32_t *position, void *to)
{
	const KEY *key = keys;
	KEY *out = to, low = (KEY)bins->low;
	unsigned shift = bins->shift;
	size_t last = bins->last;

	FLC_UNROLL(4)
	for (size_t i = 0; i < n; i++)
		out[position[NAME(bin_of)(key[i], low, shift, last) - first]++] = key[i];
}

/* -- Of what fits into a cache -- */

/* How many bits of the range bins are made of: few keys in each, many at a time. */
static unsigned
NAME(bins_log)(size_t n, size_t average)
{
	unsigned log = n / average > 1 ? 64 - (unsigned)__builtin_clzll(n / average - 1) : 1;

	return log < 5 ? 5 : log > FLC_RADIX_MOST_LOG ? FLC_RADIX_MOST_LOG : log;
}

/* Into bins of FLC_RADIX_LEAF keys, and from there sorted to `to`.  False: a bin was too
 * small, and nothing is written. */
static bool
NAME(sort_small)(const KEY *keys, KEY *to, size_t n, KEY low, KEY high,
    const struct flc_radix_room *room)
{
	unsigned log = NAME(bins_log)(n, AVERAGE), bits = NAME(bits_of)(high - low);
	unsigned shift = bits > log ? bits - log : 0;
	size_t bins = (size_t)((high - low) >> shift) + 1, at = 0;
	KEY *bin = room->bins;
	uint8_t used[FLC_RADIX_SMALL_BINS];

	memset(used, 0, bins);
	FLC_UNROLL(2)
	for (size_t i = 0; i < n; i++) {
		KEY key = keys[i];
		size_t b = (size_t)((key - low) >> shift);
		uint8_t place = used[b];

		if (FLC_UNLIKELY(place == FLC_RADIX_LEAF))
			return false;
		bin[b * FLC_RADIX_LEAF + place] = key;
		used[b] = place + 1;
	}
	for (size_t b = 0; b < bins; b++) {
		LEAF(bin + b * FLC_RADIX_LEAF, to + at, used[b], &room->order);
		at += used[b];
	}
	return true;
}

/* Each bin is one key. */
static void
NAME(write_counted)(KEY *to, const uint32_t *end, size_t bins, KEY low,
    const struct flc_radix_order *order)
{
	size_t at = 0;

	for (size_t b = 0; b < bins; b++) {
		NAME(fill)(to + at, end[b] - at, (KEY)(low + b), order);
		at = end[b];
	}
}

static void
NAME(sort_range)(KEY *keys, KEY *other, KEY *to, size_t n, const struct flc_radix_room *room)
{
	struct flc_radix_room rest = *room;
	KEY low, high;
	unsigned log, bits, shift;
	size_t bins, at = 0;
	uint32_t *end = room->counts, sum = 0;

	if (n <= FLC_RADIX_LEAF) {
		LEAF(keys, to, n, &room->order);
		return;
	}
	RANGE(keys, n, &low, &high);
	if (low == high) {
		NAME(fill)(to, n, low, &room->order);
		return;
	}
	if (n <= FLC_RADIX_SMALL && NAME(sort_small)(keys, to, n, low, high, room))
		return;
	log = NAME(bins_log)(n, n <= FLC_RADIX_SMALL ? AVERAGE : FLC_RADIX_SMALL / 2);
	bits = NAME(bits_of)(high - low);
	shift = bits > log ? bits - log : 0;
	bins = (size_t)((high - low) >> shift) + 1;
	memset(end, 0, bins * sizeof(*end));
	FLC_UNROLL(4)
	for (size_t i = 0; i < n; i++)
		end[(keys[i] - low) >> shift]++;
	for (size_t b = 0; b < bins; b++) {
		uint32_t count = end[b];

		end[b] = sum;
		sum += count;
	}
	FLC_UNROLL(4)
	for (size_t i = 0; i < n; i++)
		other[end[(keys[i] - low) >> shift]++] = keys[i];
	if (shift == 0) {
		NAME(write_counted)(to, end, bins, low, &room->order);
		return;
	}
	rest.counts += bins;
	for (size_t b = 0; b < bins; b++) {
		NAME(sort_range)(other + at, keys + at, to + at, end[b] - at, &rest);
		at = end[b];
	}
}

static void
NAME(sort)(void *keys, void *other, void *to, size_t n, const struct flc_radix_room *room)
{
	NAME(sort_range)(keys, other, to, n, room);
}

/* -- Without memory: P. McIlroy, K. Bostic, M. McIlroy, "Engineering Radix Sort" (1993) -- */

/* Each key into its bin of 256, where it is swapped with what stands there. */
static void
NAME(permute)(KEY *keys, size_t *at, const size_t *end, size_t bins, KEY low, unsigned shift)
{
	for (size_t b = 0; b < bins; b++)
		while (at[b] < end[b]) {
			KEY key = keys[at[b]];
			size_t home = (size_t)((key - low) >> shift);

			while (home != b) {
				KEY there = keys[at[home]];

				keys[at[home]++] = key;
				key = there;
				home = (size_t)((key - low) >> shift);
			}
			keys[at[b]++] = key;
		}
}

static void
NAME(sort_in_place)(void *memory, size_t n, const struct flc_radix_order *order)
{
	KEY *keys = memory, low, high;
	size_t at[64], end[64] = { 0 }, sum = 0, bins;
	unsigned bits, shift;

	if (n <= FLC_RADIX_LEAF) {
		LEAF(keys, keys, n, order);
		return;
	}
	RANGE(keys, n, &low, &high);
	bits = NAME(bits_of)(high - low);
	shift = bits > 6 ? bits - 6 : 0;
	bins = (size_t)((high - low) >> shift) + 1;
	for (size_t i = 0; i < n; i++)
		end[(keys[i] - low) >> shift]++;
	for (size_t b = 0; b < bins; b++) {
		at[b] = sum;
		end[b] = sum += end[b];
	}
	NAME(permute)(keys, at, end, bins, low, shift);
	sum = 0;
	for (size_t b = 0; b < bins; b++) {
		if (shift > 0)
			NAME(sort_in_place)(keys + sum, end[b] - sum, order);
		else
			NAME(fill)(keys + sum, end[b] - sum, (KEY)(low + b), order);
		sum = end[b];
	}
}

/* What the including file defines its table by. */
#define KERNELS \
	{ \
		.width = sizeof(KEY), \
		.range = NAME(range), \
		.is_sorted = NAME(is_sorted), \
		.map = NAME(map), \
		.map_back = NAME(map_back), \
		.fill = NAME(fill), \
		.count = NAME(count), \
		.scatter = NAME(scatter), \
		.split = NAME(split), \
		.sort = NAME(sort), \
		.sort_in_place = NAME(sort_in_place) \
	}
