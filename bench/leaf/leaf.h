/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Leaf code and data of the kernels: one object file each, linked into every peer, so
 * that schedulers are compared and not compilers.  Plain C with plain types, because Rust
 * binds to it too (peers/rayon/leaf.rs mirrors the structs).
 *
 * Nothing in here knows about tasks.  Doubles hold small integers wherever peers may add
 * them in another order, so that every result is exact.
 */
#ifndef BENCH_LEAF_H
#define BENCH_LEAF_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Sizes at which the recursions stop. */
#define LEAF_MATMUL 16     /* edge of a product's block */
#define LEAF_SORT 2048     /* items */
#define LEAF_STRASSEN 64   /* edge of a block */
#define LEAF_HEAT 16       /* rows */
#define LEAF_LU 16         /* edge of a block */
#define LEAF_FFT 128       /* points */
#define LEAF_COMBINE 512   /* butterflies */
#define LEAF_LIST 16       /* items */

/* Queens: row[i] is the column of the queen in line i. */
#define LEAF_QUEENS_MAX 16
struct leaf_board {
	int8_t row[LEAF_QUEENS_MAX];
};
/* Whether the last of n queens is safe from the others. */
int leaf_queens_safe(const struct leaf_board *board, int n);

/* Unbalanced tree search: the public benchmark's trees T1 and T3. */
struct leaf_uts_node {
	uint32_t state[5];
	int32_t height;
};
struct leaf_uts {
	struct leaf_uts_node root;
	int32_t binomial;          /* else geometric of fixed shape */
	int32_t depth;             /* geometric: no children from here on */
	double branching;          /* of the root (binomial) or of all */
	double probability;        /* binomial: of having `children` children */
	int32_t children;
};
int leaf_uts_children(const struct leaf_uts *tree, const struct leaf_uts_node *node);
void leaf_uts_child(const struct leaf_uts_node *node, int i, struct leaf_uts_node *child);
/* A tree's sum is nodes + (leaves << 32). */
#define LEAF_UTS_COUNT(children) (1 + ((uint64_t)((children) == 0) << 32))

/* A binomial tree like T3 with about 60 ns of arithmetic a node. */
struct leaf_binomial {
	uint64_t root;
	int32_t roots;             /* children of the root */
};
/* The children of the node with this state; also does the node's work. */
int leaf_binomial_children(uint64_t state);
uint64_t leaf_binomial_child(uint64_t state, int i);

/* c += a * b, row-major, n a multiple of 16. */
struct leaf_matmul {
	size_t n;
	double *a, *b, *c;
};
void leaf_matmul_block(const double *a, const double *b, double *c, size_t stride);

struct leaf_cilksort {
	size_t n;
	int64_t *items, *spare, *input;
};
void leaf_sort(int64_t *items, size_t n);
void leaf_merge(const int64_t *a, size_t n_a, const int64_t *b, size_t n_b, int64_t *out);
/* How many of the sorted items are less than key. */
size_t leaf_lower_bound(const int64_t *items, size_t n, int64_t key);

/* Strassen: seven products of sums of quarters. */
void leaf_strassen_block(const double *a, size_t stride_a, const double *b, size_t stride_b,
    double *c, size_t stride_c);
/* operands: two h x h blocks, the factors of product i (0 to 6). */
void leaf_strassen_operands(int i, const double *a, size_t stride_a, const double *b,
    size_t stride_b, double *operands, size_t h);
/* products: seven h x h blocks; c: 2h x 2h. */
void leaf_strassen_combine(const double *products, double *c, size_t stride_c, size_t h);
double *leaf_strassen_alloc(size_t doubles);
void leaf_strassen_free(double *memory);

struct leaf_heat {
	size_t n;                  /* edge of the square grid, border included */
	size_t steps;
	double *cell[2];           /* before and after; swapped after each step */
};
/* Rows begin to end of the inner grid (1 to n - 1). */
void leaf_heat_rows(const double *from, double *to, size_t n, size_t begin, size_t end);

/* LU without pivoting, row-major, in place, n = 16 * 2^k. */
struct leaf_lu {
	size_t n;
	double *a, *input;
};
void leaf_lu_block(double *a, size_t stride);
/* b = l^-1 b, l unit lower triangular; b = b u^-1; c -= a b. */
void leaf_lu_lower(const double *l, double *b, size_t stride);
void leaf_lu_upper(const double *u, double *b, size_t stride);
void leaf_lu_schur(double *c, const double *a, const double *b, size_t stride);

struct leaf_complex {
	double re, im;
};
/* in is read with a stride that starts at 1 and doubles per level, so a level's twiddle k
 * is w[k * stride]. */
struct leaf_fft {
	size_t n;
	struct leaf_complex *in, *out, *w;
};
void leaf_fft_points(struct leaf_complex *out, const struct leaf_complex *in,
    const struct leaf_complex *w, size_t n, size_t stride);
/* Butterflies begin to end of the halves out[0..h) and out[h..2h). */
void leaf_fft_combine(struct leaf_complex *out, const struct leaf_complex *w, size_t h,
    size_t stride, size_t begin, size_t end);

/* Branch and bound over items sorted by value per weight. */
struct leaf_knapsack {
	size_t n;
	int64_t capacity;
	int64_t best;              /* shared, only grows */
	struct {
		int64_t value, weight;
	} item[64];
};
/* Takes note of a value reached with items before i; whether to look further. */
int leaf_knapsack_visit(struct leaf_knapsack *sack, size_t i, int64_t room, int64_t value);

struct leaf_item {
	struct leaf_item *next;
	uint64_t key;
};
struct leaf_list {
	struct leaf_item *first, *last;
	size_t n;
};
struct leaf_quicksort {
	size_t n;
	struct leaf_list list;
	struct leaf_item *items;
};
struct leaf_list leaf_list_sort(struct leaf_list list);
/* Takes the first item as pivot. */
struct leaf_item *leaf_list_partition(struct leaf_list list, struct leaf_list *less,
    struct leaf_list *more);
struct leaf_list leaf_list_join(struct leaf_list less, struct leaf_item *pivot,
    struct leaf_list more);

/* Loops. */
struct leaf_axpy {
	size_t n;
	double *x, *y;
};
void leaf_axpy_range(double a, const double *x, double *y, size_t begin, size_t end);
struct leaf_sum {
	size_t n;
	double *items;
};
double leaf_sum_range(const double *items, size_t begin, size_t end);
struct leaf_mandelbrot {
	size_t n;
	uint32_t *pixels;
};
void leaf_mandelbrot_rows(uint32_t *pixels, size_t n, size_t begin, size_t end);
struct leaf_triangular {
	size_t n;
	uint64_t *out;
};
/* out[i] for i in [begin, end) costs i steps of about a nanosecond. */
void leaf_triangular_range(uint64_t *out, size_t begin, size_t end);
#define LEAF_NESTED 64     /* outer iterations; each an axpy of n */

#ifdef __cplusplus
}
#endif

#endif /* BENCH_LEAF_H */
