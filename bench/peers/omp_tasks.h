/* SPDX-License-Identifier: BSD-2-Clause */
/* The recursions, by OpenMP tasks; included by omp.c only. */
#ifndef BENCH_OMP_TASKS_H
#define BENCH_OMP_TASKS_H

#include "../leaf/leaf.h"

#include <math.h>

static long
fib(int n)
{
	long left, right;

	if (n < 2)
		return n;
#pragma omp task shared(left) firstprivate(n)
	left = fib(n - 1);
	right = fib(n - 2);
#pragma omp taskwait
	return left + right;
}

static uint64_t
nqueens(int n, int row, struct leaf_board board)
{
	uint64_t solutions[LEAF_QUEENS_MAX] = { 0 };
	uint64_t sum = 0;

	if (row == n)
		return 1;
	for (int column = 0; column < n; column++) {
		board.row[row] = (int8_t)column;
		if (leaf_queens_safe(&board, row + 1)) {
#pragma omp task shared(solutions) firstprivate(n, row, column, board)
			solutions[column] = nqueens(n, row + 1, board);
		}
	}
#pragma omp taskwait
	for (int column = 0; column < n; column++)
		sum += solutions[column];
	return sum;
}

static double
curve(double x)
{
	return (x * x + 1.0) * x;
}

static double
integrate(double x1, double y1, double x2, double y2, double area)
{
	double half = (x2 - x1) / 2;
	double x0 = x1 + half;
	double y0 = curve(x0);
	double area1 = (y1 + y0) / 2 * half;
	double area2 = (y0 + y2) / 2 * half;
	double left, right;

	if (fabs(area1 + area2 - area) < 1e-9)
		return area1 + area2;
#pragma omp task shared(left) firstprivate(x1, y1, x0, y0, area1)
	left = integrate(x1, y1, x0, y0, area1);
	right = integrate(x0, y0, x2, y2, area2);
#pragma omp taskwait
	return left + right;
}

/* As in filch's kernel a node stays in its parent's frame. */
struct uts_child {
	struct leaf_uts_node node;
	uint64_t sum;
};

static uint64_t
uts(const struct leaf_uts *tree, const struct leaf_uts_node *node)
{
	int children = leaf_uts_children(tree, node);
	uint64_t sum = LEAF_UTS_COUNT(children);

	if (children == 0)
		return sum;

	struct uts_child *child = __builtin_alloca((size_t)children * sizeof(*child));

	for (int i = 0; i < children - 1; i++) {
		leaf_uts_child(node, i, &child[i].node);
#pragma omp task firstprivate(child, i, tree)
		child[i].sum = uts(tree, &child[i].node);
	}
	leaf_uts_child(node, children - 1, &child[children - 1].node);
	sum += uts(tree, &child[children - 1].node);
#pragma omp taskwait
	for (int i = 0; i < children - 1; i++)
		sum += child[i].sum;
	return sum;
}

static uint64_t
binomial(uint64_t state, int given)
{
	int children = given != 0 ? given : leaf_binomial_children(state);
	uint64_t nodes = 1;

	if (children == 0)
		return nodes;

	uint64_t *sums = __builtin_alloca((size_t)children * sizeof(*sums));

	for (int i = 0; i < children - 1; i++) {
#pragma omp task firstprivate(sums, i, state)
		sums[i] = binomial(leaf_binomial_child(state, i), 0);
	}
	nodes += binomial(leaf_binomial_child(state, children - 1), 0);
#pragma omp taskwait
	for (int i = 0; i < children - 1; i++)
		nodes += sums[i];
	return nodes;
}

#define CHILDREN 10

static uint64_t
skynet(uint64_t number, uint64_t size)
{
	uint64_t part = size / CHILDREN;
	uint64_t sums[CHILDREN];
	uint64_t sum = 0;

	if (size == 1)
		return number;
	for (uint64_t i = 0; i < CHILDREN - 1; i++) {
#pragma omp task shared(sums) firstprivate(number, part, i)
		sums[i] = skynet(number + i * part, part);
	}
	sums[CHILDREN - 1] = skynet(number + (CHILDREN - 1) * part, part);
#pragma omp taskwait
	for (int i = 0; i < CHILDREN; i++)
		sum += sums[i];
	return sum;
}

static void
matmul(const double *a, const double *b, double *c, size_t n, size_t stride)
{
	size_t h = n / 2, down = h * stride;

	if (n == LEAF_MATMUL) {
		leaf_matmul_block(a, b, c, stride);
		return;
	}
	for (size_t k = 0; k < 2; k++) {
		const double *left = a + k * h;
		const double *right = b + k * down;

#pragma omp task
		matmul(left, right, c, h, stride);
#pragma omp task
		matmul(left, right + h, c + h, h, stride);
#pragma omp task
		matmul(left + down, right, c + down, h, stride);
		matmul(left + down, right + h, c + down + h, h, stride);
#pragma omp taskwait
	}
}

static void
merge(const int64_t *a, size_t n_a, const int64_t *b, size_t n_b, int64_t *out)
{
	if (n_a < n_b) {
		merge(b, n_b, a, n_a, out);
		return;
	}
	if (n_a + n_b <= LEAF_SORT) {
		leaf_merge(a, n_a, b, n_b, out);
		return;
	}

	size_t at_a = n_a / 2;
	size_t at_b = leaf_lower_bound(b, n_b, a[at_a]);

#pragma omp task
	merge(a, at_a, b, at_b, out);
	merge(a + at_a, n_a - at_a, b + at_b, n_b - at_b, out + at_a + at_b);
#pragma omp taskwait
}

static void
sort(int64_t *items, int64_t *spare, size_t n)
{
	size_t q = n / 4, rest = n - 3 * q;

	if (n <= LEAF_SORT) {
		leaf_sort(items, n);
		return;
	}
#pragma omp task
	sort(items, spare, q);
#pragma omp task
	sort(items + q, spare + q, q);
#pragma omp task
	sort(items + 2 * q, spare + 2 * q, q);
	sort(items + 3 * q, spare + 3 * q, rest);
#pragma omp taskwait
#pragma omp task
	merge(items, q, items + q, q, spare);
	merge(items + 2 * q, q, items + 3 * q, rest, spare + 2 * q);
#pragma omp taskwait
	merge(spare, 2 * q, spare + 2 * q, q + rest, items);
}

#define PRODUCTS 7

static void strassen(const double *a, size_t stride_a, const double *b, size_t stride_b,
    double *c, size_t stride_c, size_t n);

static void
product(int i, const double *a, size_t stride_a, const double *b, size_t stride_b, double *out,
    size_t h)
{
	double *factors = leaf_strassen_alloc(2 * h * h);

	leaf_strassen_operands(i, a, stride_a, b, stride_b, factors, h);
	strassen(factors, h, factors + h * h, h, out, h, h);
	leaf_strassen_free(factors);
}

static void
strassen(const double *a, size_t stride_a, const double *b, size_t stride_b, double *c,
    size_t stride_c, size_t n)
{
	size_t h = n / 2;

	if (n == LEAF_STRASSEN) {
		leaf_strassen_block(a, stride_a, b, stride_b, c, stride_c);
		return;
	}

	double *products = leaf_strassen_alloc(PRODUCTS * h * h);

	for (int i = 0; i < PRODUCTS - 1; i++) {
#pragma omp task
		product(i, a, stride_a, b, stride_b, products + (size_t)i * h * h, h);
	}
	product(PRODUCTS - 1, a, stride_a, b, stride_b, products + (PRODUCTS - 1) * h * h, h);
#pragma omp taskwait
	leaf_strassen_combine(products, c, stride_c, h);
	leaf_strassen_free(products);
}

static void
heat(const double *from, double *to, size_t n, size_t begin, size_t end)
{
	size_t middle = begin + (end - begin) / 2;

	if (end - begin <= LEAF_HEAT) {
		leaf_heat_rows(from, to, n, begin, end);
		return;
	}
#pragma omp task
	heat(from, to, n, begin, middle);
	heat(from, to, n, middle, end);
#pragma omp taskwait
}

static uint64_t
knapsack(struct leaf_knapsack *sack, size_t i, int64_t room, int64_t value)
{
	uint64_t nodes = 1, without;

	if (!leaf_knapsack_visit(sack, i, room, value))
		return nodes;
#pragma omp task shared(without) firstprivate(sack, i, room, value)
	without = knapsack(sack, i + 1, room, value);
	if (sack->item[i].weight <= room)
		nodes += knapsack(sack, i + 1, room - sack->item[i].weight,
		    value + sack->item[i].value);
#pragma omp taskwait
	return nodes + without;
}

static void
schur(double *c, const double *a, const double *b, size_t n, size_t stride)
{
	size_t h = n / 2, down = h * stride;

	if (n == LEAF_LU) {
		leaf_lu_schur(c, a, b, stride);
		return;
	}
	for (size_t k = 0; k < 2; k++) {
		const double *left = a + k * h;
		const double *right = b + k * down;

#pragma omp task
		schur(c, left, right, h, stride);
#pragma omp task
		schur(c + h, left, right + h, h, stride);
#pragma omp task
		schur(c + down, left + down, right, h, stride);
		schur(c + down + h, left + down, right + h, h, stride);
#pragma omp taskwait
	}
}

static void lower(const double *l, double *b, size_t n, size_t stride);
static void upper(const double *u, double *b, size_t n, size_t stride);

static void
lower_half(const double *l, double *b, size_t h, size_t stride)
{
	size_t down = h * stride;

	lower(l, b, h, stride);
	schur(b + down, l + down, b, h, stride);
	lower(l + down + h, b + down, h, stride);
}

static void
lower(const double *l, double *b, size_t n, size_t stride)
{
	if (n == LEAF_LU) {
		leaf_lu_lower(l, b, stride);
		return;
	}
#pragma omp task
	lower_half(l, b, n / 2, stride);
	lower_half(l, b + n / 2, n / 2, stride);
#pragma omp taskwait
}

static void
upper_half(const double *u, double *b, size_t h, size_t stride)
{
	upper(u, b, h, stride);
	schur(b + h, b, u + h, h, stride);
	upper(u + h * stride + h, b + h, h, stride);
}

static void
upper(const double *u, double *b, size_t n, size_t stride)
{
	if (n == LEAF_LU) {
		leaf_lu_upper(u, b, stride);
		return;
	}
#pragma omp task
	upper_half(u, b, n / 2, stride);
	upper_half(u, b + n / 2 * stride, n / 2, stride);
#pragma omp taskwait
}

static void
lu(double *a, size_t n, size_t stride)
{
	size_t h = n / 2, down = h * stride;

	if (n == LEAF_LU) {
		leaf_lu_block(a, stride);
		return;
	}
	lu(a, h, stride);
#pragma omp task
	lower(a, a + h, h, stride);
	upper(a, a + down, h, stride);
#pragma omp taskwait
	schur(a + down + h, a + down, a + h, h, stride);
	lu(a + down + h, h, stride);
}

static void
combine(struct leaf_complex *out, const struct leaf_complex *w, size_t h, size_t stride,
    size_t begin, size_t end)
{
	size_t middle = begin + (end - begin) / 2;

	if (end - begin <= LEAF_COMBINE) {
		leaf_fft_combine(out, w, h, stride, begin, end);
		return;
	}
#pragma omp task
	combine(out, w, h, stride, begin, middle);
	combine(out, w, h, stride, middle, end);
#pragma omp taskwait
}

static void
fft(struct leaf_complex *out, const struct leaf_complex *in, const struct leaf_complex *w,
    size_t n, size_t stride)
{
	size_t h = n / 2;

	if (n <= LEAF_FFT) {
		leaf_fft_points(out, in, w, n, stride);
		return;
	}
#pragma omp task
	fft(out, in, w, h, 2 * stride);
	fft(out + h, in + stride, w, h, 2 * stride);
#pragma omp taskwait
	combine(out, w, h, stride, 0, h);
}

static struct leaf_list
quicksort(struct leaf_list list)
{
	struct leaf_list less, more;

	if (list.n <= LEAF_LIST)
		return leaf_list_sort(list);

	struct leaf_item *pivot = leaf_list_partition(list, &less, &more);

#pragma omp task shared(less)
	less = quicksort(less);
	more = quicksort(more);
#pragma omp taskwait
	return leaf_list_join(less, pivot, more);
}

#endif /* BENCH_OMP_TASKS_H */
