/* SPDX-License-Identifier: BSD-2-Clause */
#include "table.h"

#include <stdlib.h>
#include <string.h>

/* Small, as each shard of each worker's table has one at least. */
#define BLOCK_BYTES (64 * 1024)
#define FIRST_CAPACITY 1024

/* Words looked for before they are counted. */
#define BATCH 32

struct table_block {
	struct table_block *next;
	char bytes[BLOCK_BYTES - sizeof(struct table_block *)];
};

_Static_assert(sizeof(((struct table_block *)0)->bytes) >= TABLE_WORD_KEPT,
    "a kept word fits in an empty block");

const unsigned char table_is_word[256] = {
	['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1, ['5'] = 1, ['6'] = 1,
	['7'] = 1, ['8'] = 1, ['9'] = 1, ['_'] = 1,
	['A'] = 1, ['B'] = 1, ['C'] = 1, ['D'] = 1, ['E'] = 1, ['F'] = 1, ['G'] = 1,
	['H'] = 1, ['I'] = 1, ['J'] = 1, ['K'] = 1, ['L'] = 1, ['M'] = 1, ['N'] = 1,
	['O'] = 1, ['P'] = 1, ['Q'] = 1, ['R'] = 1, ['S'] = 1, ['T'] = 1, ['U'] = 1,
	['V'] = 1, ['W'] = 1, ['X'] = 1, ['Y'] = 1, ['Z'] = 1,
	['a'] = 1, ['b'] = 1, ['c'] = 1, ['d'] = 1, ['e'] = 1, ['f'] = 1, ['g'] = 1,
	['h'] = 1, ['i'] = 1, ['j'] = 1, ['k'] = 1, ['l'] = 1, ['m'] = 1, ['n'] = 1,
	['o'] = 1, ['p'] = 1, ['q'] = 1, ['r'] = 1, ['s'] = 1, ['t'] = 1, ['u'] = 1,
	['v'] = 1, ['w'] = 1, ['x'] = 1, ['y'] = 1, ['z'] = 1,
};

static uint64_t
load_8(const char *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static uint64_t
load_4(const char *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

/* A bijection of 64 bits in which every input bit reaches the high ones. */
static uint64_t
mix(uint64_t x)
{
	x ^= x >> 32;
	x *= UINT64_C(0xd6e8feb86659fd93);
	x ^= x >> 29;
	return x;
}

/* Never reads beyond the word: it may end where a mapping ends.  Eight bytes at a time,
 * the last ones overlapping. */
static uint64_t
hash_of(const char *text, size_t length)
{
	uint64_t h = length * UINT64_C(0x9e3779b97f4a7c15);

	if (length >= 8) {
		size_t i = 0;

		for (; i + 8 < length; i += 8)
			h = mix(h ^ load_8(text + i)) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= load_8(text + length - 8);
	} else if (length >= 4) {
		h ^= load_4(text) | load_4(text + length - 4) << 32;
	} else {
		h ^= (uint64_t)(unsigned char)text[0] << 16
		    | (uint64_t)(unsigned char)text[length / 2] << 8
		    | (unsigned char)text[length - 1];
	}
	return mix(h * UINT64_C(0xff51afd7ed558ccd));
}

void
table_fini(struct table *table)
{
	for (size_t s = 0; s < TABLE_SHARDS; s++) {
		struct table_shard *shard = &table->shard[s];

		while (shard->first != NULL) {
			struct table_block *next = shard->first->next;

			free(shard->first);
			shard->first = next;
		}
		free(shard->slots);
	}
	memset(table, 0, sizeof(*table));
}

void
table_reset(struct table *table)
{
	for (size_t s = 0; s < TABLE_SHARDS; s++) {
		struct table_shard *shard = &table->shard[s];

		if (shard->capacity != 0)
			memset(shard->slots, 0, shard->capacity * sizeof(*shard->slots));
		shard->used = 0;
		shard->current = shard->first;
		shard->current_used = 0;
	}
}

/* Copies the word to the arena; NULL: out of memory. */
static const char *
keep(struct table_shard *shard, const char *text, size_t length)
{
	char *copy;

	if (shard->current == NULL
	    || sizeof(shard->current->bytes) - shard->current_used < length) {
		struct table_block *next = shard->current == NULL ? NULL : shard->current->next;

		if (next == NULL) {
			next = malloc(sizeof(*next));
			if (next == NULL)
				return NULL;
			next->next = NULL;
			if (shard->current == NULL)
				shard->first = next;
			else
				shard->current->next = next;
		}
		shard->current = next;
		shard->current_used = 0;
	}
	copy = shard->current->bytes + shard->current_used;
	memcpy(copy, text, length);
	shard->current_used += length;
	return copy;
}

static int
grow(struct table_shard *shard)
{
	size_t capacity = shard->capacity == 0 ? FIRST_CAPACITY : 2 * shard->capacity;
	struct table_word *slots = calloc(capacity, sizeof(*slots));

	if (slots == NULL)
		return -1;
	for (size_t i = 0; i < shard->capacity; i++) {
		size_t to;

		if (shard->slots[i].text == NULL)
			continue;
		to = shard->slots[i].hash & (capacity - 1);
		while (slots[to].text != NULL)
			to = (to + 1) & (capacity - 1);
		slots[to] = shard->slots[i];
	}
	free(shard->slots);
	shard->slots = slots;
	shard->capacity = capacity;
	return 0;
}

/* The high bits choose the shard, the low ones the slot. */
static inline struct table_shard *
shard_of(struct table *table, uint64_t hash)
{
	return &table->shard[hash >> 32 & (TABLE_SHARDS - 1)];
}

static inline int
add(struct table *table, const char *text, uint64_t length, uint64_t hash, uint64_t count)
{
	struct table_shard *shard = shard_of(table, hash);
	size_t kept = length < TABLE_WORD_KEPT ? (size_t)length : TABLE_WORD_KEPT;
	struct table_word *slot;
	size_t i;

	if (4 * shard->used >= 3 * shard->capacity && grow(shard) != 0)
		return -1;
	i = hash & (shard->capacity - 1);
	for (;; i = (i + 1) & (shard->capacity - 1)) {
		slot = &shard->slots[i];
		if (slot->text == NULL)
			break;
		if (slot->hash == hash && slot->length == length
		    && memcmp(slot->text, text, kept) == 0) {
			slot->count += count;
			return 0;
		}
	}
	slot->text = keep(shard, text, kept);
	if (slot->text == NULL)
		return -1;
	slot->hash = hash;
	slot->length = length;
	slot->count = count;
	shard->used++;
	return 0;
}

/* A word found and not yet counted. */
struct found {
	const char *text;
	size_t length;
	uint64_t hash;
};

static struct found
find_end(struct table *table, const char *text, const char *end)
{
	const char *at = text + 1;
	const struct table_shard *shard;
	struct found word;

	while (at < end && table_is_word[(unsigned char)*at])
		at++;
	word = (struct found){ text, (size_t)(at - text), hash_of(text, (size_t)(at - text)) };
	shard = shard_of(table, word.hash);
	if (shard->capacity != 0)
		__builtin_prefetch(&shard->slots[word.hash & (shard->capacity - 1)]);
	return word;
}

int
table_count_text(struct table *table, const char *text, size_t length)
{
	const char *at = text;
	const char *end = text + length;

	/* In batches: the slots of a vocabulary are far more than the caches hold, so a
	 * batch's are fetched while the next words are looked for. */
	while (at < end) {
		struct found found[BATCH];
		size_t n = 0;

		while (n < BATCH) {
			while (at < end && !table_is_word[(unsigned char)*at])
				at++;
			if (at == end)
				break;
			found[n] = find_end(table, at, end);
			at += found[n++].length;
		}
		for (size_t i = 0; i < n; i++)
			if (add(table, found[i].text, found[i].length, found[i].hash, 1) != 0)
				return -1;
	}
	return 0;
}

int
table_merge_shard(struct table *into, const struct table *from, size_t shard)
{
	const struct table_shard *source = &from->shard[shard];

	for (size_t i = 0; i < source->capacity; i++) {
		const struct table_word *word = &source->slots[i];

		if (word->text != NULL
		    && add(into, word->text, word->length, word->hash, word->count) != 0)
			return -1;
	}
	return 0;
}

struct table_summary
table_summarize(const struct table *table)
{
	struct table_summary sum = { 0, 0, 0, 0, 0 };

	for (size_t s = 0; s < TABLE_SHARDS; s++) {
		const struct table_shard *shard = &table->shard[s];

		for (size_t i = 0; i < shard->capacity; i++) {
			const struct table_word *word = &shard->slots[i];

			if (word->text == NULL)
				continue;
			sum.tokens += word->count;
			sum.distinct++;
			/* A sum, as the order of the slots is a matter of timing. */
			sum.checksum += mix(
			    word->hash + word->count * UINT64_C(0xff51afd7ed558ccd));
			sum.cut += word->length > TABLE_WORD_KEPT;
			if (word->length > sum.longest)
				sum.longest = word->length;
		}
	}
	return sum;
}

/* Whether a comes before b in the list of the most frequent. */
static int
before(const struct table_word *a, const struct table_word *b)
{
	size_t a_kept = table_word_kept(a), b_kept = table_word_kept(b);
	int order;

	if (a->count != b->count)
		return a->count > b->count;
	order = memcmp(a->text, b->text, a_kept < b_kept ? a_kept : b_kept);
	if (order != 0)
		return order < 0;
	return a->length != b->length ? a->length < b->length : a->hash < b->hash;
}

size_t
table_top(const struct table *table, struct table_word *top, size_t n)
{
	size_t have = 0;

	for (size_t s = 0; s < TABLE_SHARDS; s++) {
		const struct table_shard *shard = &table->shard[s];

		for (size_t i = 0; i < shard->capacity; i++) {
			const struct table_word *word = &shard->slots[i];
			size_t at;

			if (word->text == NULL || (have == n && !before(word, &top[n - 1])))
				continue;
			if (have < n)
				have++;
			for (at = have - 1; at > 0 && before(word, &top[at - 1]); at--)
				top[at] = top[at - 1];
			top[at] = *word;
		}
	}
	return have;
}
