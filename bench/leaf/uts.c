/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trees of the Unbalanced Tree Search benchmark (S. Olivier et al., "UTS: An
 * Unbalanced Tree Search Benchmark", 2006): a node is a SHA-1 hash, its children's are
 * the hashes of it and their number.  The parameters of T1 and T3 and their node counts
 * are public; the checks compare with them.
 */
#include "leaf.h"
#include "workload.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CHILDREN_MAX 100

static uint32_t
rotate(uint32_t word, int bits)
{
	return (word << bits) | (word >> (32 - bits));
}

/* The schedule in a ring of 16 words; all indexes are constants once the rounds are
 * unrolled, so that it stays in registers and near ones. */
#define WORD(t) (w[(t) & 15] = rotate(w[((t) + 13) & 15] ^ w[((t) + 8) & 15] ^ \
	w[((t) + 2) & 15] ^ w[(t) & 15], 1))
#define STEP(a, b, c, d, e, f, k, word) do { \
		e += rotate(a, 5) + (f) + (k) + (word); \
		b = rotate(b, 30); \
	} while (0)
#define CHOOSE(b, c, d) ((d) ^ ((b) & ((c) ^ (d))))
#define PARITY(b, c, d) ((b) ^ (c) ^ (d))
#define MAJORITY(b, c, d) (((b) & (c)) | ((d) & ((b) | (c))))
#define FIVE(F, k, W, t) do { \
		STEP(a, b, c, d, e, F(b, c, d), k, W(t)); \
		STEP(e, a, b, c, d, F(a, b, c), k, W((t) + 1)); \
		STEP(d, e, a, b, c, F(e, a, b), k, W((t) + 2)); \
		STEP(c, d, e, a, b, F(d, e, a), k, W((t) + 3)); \
		STEP(b, c, d, e, a, F(c, d, e), k, W((t) + 4)); \
	} while (0)
#define GIVEN(t) w[t]

/* One SHA-1 of at most 13 words (FIPS 180-4): a single block. */
static void
sha1(const uint32_t *words, int n, uint32_t hash[5])
{
	uint32_t w[16] = { 0 };
	uint32_t a = 0x67452301, b = 0xefcdab89, c = 0x98badcfe, d = 0x10325476, e = 0xc3d2e1f0;

	memcpy(w, words, (size_t)n * sizeof(w[0]));
	w[n] = 0x80000000;
	w[15] = (uint32_t)n * 32;
	FIVE(CHOOSE, 0x5a827999, GIVEN, 0);
	FIVE(CHOOSE, 0x5a827999, GIVEN, 5);
	FIVE(CHOOSE, 0x5a827999, GIVEN, 10);
	STEP(a, b, c, d, e, CHOOSE(b, c, d), 0x5a827999, GIVEN(15));
	STEP(e, a, b, c, d, CHOOSE(a, b, c), 0x5a827999, WORD(16));
	STEP(d, e, a, b, c, CHOOSE(e, a, b), 0x5a827999, WORD(17));
	STEP(c, d, e, a, b, CHOOSE(d, e, a), 0x5a827999, WORD(18));
	STEP(b, c, d, e, a, CHOOSE(c, d, e), 0x5a827999, WORD(19));
#pragma GCC unroll 4
	for (int t = 20; t < 40; t += 5)
		FIVE(PARITY, 0x6ed9eba1, WORD, t);
#pragma GCC unroll 4
	for (int t = 40; t < 60; t += 5)
		FIVE(MAJORITY, 0x8f1bbcdc, WORD, t);
#pragma GCC unroll 4
	for (int t = 60; t < 80; t += 5)
		FIVE(PARITY, 0xca62c1d6, WORD, t);
	hash[0] = a + 0x67452301;
	hash[1] = b + 0xefcdab89;
	hash[2] = c + 0x98badcfe;
	hash[3] = d + 0x10325476;
	hash[4] = e + 0xc3d2e1f0;
}

/* The node's random number, in [0, 1). */
static double
fraction(const struct leaf_uts_node *node)
{
	return (node->state[4] & 0x7fffffff) / 2147483648.0;
}

int
leaf_uts_children(const struct leaf_uts *tree, const struct leaf_uts_node *node)
{
	if (tree->binomial) {
		if (node->height == 0)
			return (int)floor(tree->branching);
		return fraction(node) < tree->probability ? tree->children : 0;
	}
	if (node->height >= tree->depth)
		return 0;

	double p = 1.0 / (1.0 + tree->branching);
	int children = (int)floor(log(1 - fraction(node)) / log(1 - p));

	return children < CHILDREN_MAX ? children : CHILDREN_MAX;
}

void
leaf_uts_child(const struct leaf_uts_node *node, int i, struct leaf_uts_node *child)
{
	uint32_t words[6];

	memcpy(words, node->state, sizeof(node->state));
	words[5] = (uint32_t)i;
	sha1(words, 6, child->state);
	child->height = node->height + 1;
}

static struct leaf_uts *
tree_create(uint32_t seed)
{
	struct leaf_uts *tree = calloc(1, sizeof(*tree));
	uint32_t words[5] = { 0, 0, 0, 0, seed };

	if (tree != NULL)
		sha1(words, 5, tree->root.state);
	return tree;
}

static void *
t1_create(uint64_t n)
{
	struct leaf_uts *tree = tree_create(19);

	if (tree != NULL) {
		tree->depth = (int32_t)n;
		tree->branching = 4;
	}
	return tree;
}

static void *
t3_create(uint64_t n)
{
	struct leaf_uts *tree = tree_create(42);

	if (tree != NULL) {
		tree->binomial = 1;
		tree->branching = (double)n;
		tree->probability = 0.124875;
		tree->children = 8;
	}
	return tree;
}

/* The arithmetic of a node: a chain of dependent operations, 8 cycles each. */
#define BINOMIAL_STEPS 28

static uint64_t
mix(uint64_t z)
{
	z = (z ^ (z >> 32)) * 0xd6e8feb86659fd93;
	return z ^ (z >> 32);
}

int
leaf_binomial_children(uint64_t state)
{
	uint64_t work = state;

	for (int i = 0; i < BINOMIAL_STEPS; i++)
		work = mix(work + state);
	/* Nobody needs the result; the compiler must not know. */
	__asm__ volatile("" : : "r"(work));
	/* 8 children with a probability just below 1/8, as T3. */
	return (double)(mix(state) >> 32) * 0x1p-32 < 0.124875 ? 8 : 0;
}

uint64_t
leaf_binomial_child(uint64_t state, int i)
{
	return mix(mix(state + (uint64_t)i + 1) + 0x9e3779b97f4a7c15);
}

static void *
binomial_create(uint64_t n)
{
	struct leaf_binomial *tree = calloc(1, sizeof(*tree));

	if (tree != NULL) {
		tree->root = 11 * 0x9e3779b97f4a7c15; /* 3 678 545 nodes of 2000 roots */
		tree->roots = (int32_t)n;
	}
	return tree;
}

const struct workload workload_uts_t1 = {
	.name = "uts_t1", .full = 10, .small = 5, .create = t1_create, .destroy = free,
};
const struct workload workload_uts_t3 = {
	.name = "uts_t3", .full = 2000, .small = 20, .create = t3_create, .destroy = free,
};
const struct workload workload_binomial = {
	.name = "binomial", .full = 2000, .small = 20, .create = binomial_create, .destroy = free,
};
