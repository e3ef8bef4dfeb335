/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counts words: open addressing over words whose bytes lie in an arena.
 *
 * The words are spread over shards by their hash, so that two tables can be merged shard
 * by shard, each shard by another thread.  A table is used by one thread at a time;
 * shards of different numbers never touch the same memory.
 */
#ifndef TABLE_H
#define TABLE_H

#include <stddef.h>
#include <stdint.h>

#define TABLE_SHARDS 32

/* Longer words are told apart by these first bytes, their length and their hash; the rest
 * of them is not kept. */
#define TABLE_WORD_KEPT 1000

struct table_word {
	uint64_t hash;
	const char *text;  /* NULL: an empty slot; no final NUL */
	uint64_t length;   /* of the whole word, kept or not */
	uint64_t count;
};

struct table_block;

struct table_shard {
	struct table_word *slots;
	size_t capacity;             /* a power of two, or 0 */
	size_t used;
	struct table_block *first;   /* the arena, kept from run to run */
	struct table_block *current;
	size_t current_used;
};

struct table {
	struct table_shard shard[TABLE_SHARDS];
};

/* A table is made zero.  Frees what it holds. */
void table_fini(struct table *table);

/* Empties it and keeps its memory, so that the next run faults no page in. */
void table_reset(struct table *table);

/* Counts each run of ASCII letters, digits and underscores.  Non-zero: out of memory. */
int table_count_text(struct table *table, const char *text, size_t length);

/* Adds the words of shard number `shard` of `from` to those of `into`. */
int table_merge_shard(struct table *into, const struct table *from, size_t shard);

/* What equal tables have equal, whatever the order of their making. */
struct table_summary {
	uint64_t tokens, distinct, checksum;
	uint64_t longest;  /* bytes */
	uint64_t cut;      /* distinct words longer than TABLE_WORD_KEPT */
};

struct table_summary table_summarize(const struct table *table);

/* The most frequent words, most frequent first, equal ones by their bytes.  Returns how
 * many were written to top. */
size_t table_top(const struct table *table, struct table_word *top, size_t n);

/* Whether a character belongs to a word. */
extern const unsigned char table_is_word[256];

/* Bytes of the word that are kept at text. */
static inline size_t
table_word_kept(const struct table_word *word)
{
	return word->length < TABLE_WORD_KEPT ? (size_t)word->length : TABLE_WORD_KEPT;
}

#endif /* TABLE_H */
