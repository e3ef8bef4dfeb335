/* SPDX-License-Identifier: BSD-2-Clause */
/* The recursions, by task_group; included by tbb.cpp only. */
#ifndef BENCH_TBB_TASKS_H
#define BENCH_TBB_TASKS_H

#include "../leaf/leaf.h"

#include <cmath>
#include <utility>

#include <tbb/task_group.h>

namespace {

long
fib(int n)
{
	if (n < 2)
		return n;

	tbb::task_group group;
	long left;

	group.run([&] { left = fib(n - 1); });
	long right = fib(n - 2);
	group.wait();
	return left + right;
}

uint64_t
nqueens(int n, int row, leaf_board board)
{
	if (row == n)
		return 1;

	tbb::task_group group;
	uint64_t solutions[LEAF_QUEENS_MAX] = { 0 };
	uint64_t sum = 0;

	for (int column = 0; column < n; column++) {
		board.row[row] = static_cast<int8_t>(column);
		if (leaf_queens_safe(&board, row + 1))
			group.run([&solutions, n, row, column, board] {
				solutions[column] = nqueens(n, row + 1, board);
			});
	}
	group.wait();
	for (int column = 0; column < n; column++)
		sum += solutions[column];
	return sum;
}

double
curve(double x)
{
	return (x * x + 1.0) * x;
}

double
integrate(double x1, double y1, double x2, double y2, double area)
{
	double half = (x2 - x1) / 2;
	double x0 = x1 + half;
	double y0 = curve(x0);
	double area1 = (y1 + y0) / 2 * half;
	double area2 = (y0 + y2) / 2 * half;

	if (std::fabs(area1 + area2 - area) < 1e-9)
		return area1 + area2;

	tbb::task_group group;
	double left;

	group.run([&] { left = integrate(x1, y1, x0, y0, area1); });
	double right = integrate(x0, y0, x2, y2, area2);
	group.wait();
	return left + right;
}

/* As in filch's kernel a node stays in its parent's frame. */
struct uts_child {
	leaf_uts_node node;
	uint64_t sum;
};

uint64_t
uts(const leaf_uts *tree, const leaf_uts_node *node)
{
	int children = leaf_uts_children(tree, node);
	uint64_t sum = LEAF_UTS_COUNT(children);

	if (children == 0)
		return sum;

	tbb::task_group group;
	auto *child = static_cast<uts_child *>(
	    __builtin_alloca(static_cast<size_t>(children) * sizeof(uts_child)));

	for (int i = 0; i < children - 1; i++) {
		leaf_uts_child(node, i, &child[i].node);
		group.run([=] { child[i].sum = uts(tree, &child[i].node); });
	}
	leaf_uts_child(node, children - 1, &child[children - 1].node);
	sum += uts(tree, &child[children - 1].node);
	group.wait();
	for (int i = 0; i < children - 1; i++)
		sum += child[i].sum;
	return sum;
}

uint64_t
binomial(uint64_t state, int given)
{
	int children = given != 0 ? given : leaf_binomial_children(state);
	uint64_t nodes = 1;

	if (children == 0)
		return nodes;

	tbb::task_group group;
	auto *sums = static_cast<uint64_t *>(
	    __builtin_alloca(static_cast<size_t>(children) * sizeof(uint64_t)));

	for (int i = 0; i < children - 1; i++)
		group.run([=] { sums[i] = binomial(leaf_binomial_child(state, i), 0); });
	nodes += binomial(leaf_binomial_child(state, children - 1), 0);
	group.wait();
	for (int i = 0; i < children - 1; i++)
		nodes += sums[i];
	return nodes;
}

uint64_t
skynet(uint64_t number, uint64_t size)
{
	enum { CHILDREN = 10 };

	if (size == 1)
		return number;

	tbb::task_group group;
	uint64_t sums[CHILDREN];
	uint64_t part = size / CHILDREN;
	uint64_t sum = 0;

	for (uint64_t i = 0; i < CHILDREN - 1; i++)
		group.run([&sums, number, part, i] { sums[i] = skynet(number + i * part, part); });
	sums[CHILDREN - 1] = skynet(number + (CHILDREN - 1) * part, part);
	group.wait();
	for (uint64_t i = 0; i < CHILDREN; i++)
		sum += sums[i];
	return sum;
}

/* Two phases of four products; lu's update differs in the leaf only. */
template <typename Leaf>
void
product(const double *a, const double *b, double *c, size_t n, size_t stride, Leaf leaf)
{
	if (n == LEAF_MATMUL) {
		leaf(a, b, c, stride);
		return;
	}

	size_t h = n / 2, down = h * stride;

	for (size_t k = 0; k < 2; k++) {
		const double *left = a + k * h;
		const double *right = b + k * down;
		tbb::task_group group;

		group.run([=] { product(left, right, c, h, stride, leaf); });
		group.run([=] { product(left, right + h, c + h, h, stride, leaf); });
		group.run([=] { product(left + down, right, c + down, h, stride, leaf); });
		product(left + down, right + h, c + down + h, h, stride, leaf);
		group.wait();
	}
}

void
merge(const int64_t *a, size_t n_a, const int64_t *b, size_t n_b, int64_t *out)
{
	if (n_a < n_b) {
		std::swap(a, b);
		std::swap(n_a, n_b);
	}
	if (n_a + n_b <= LEAF_SORT) {
		leaf_merge(a, n_a, b, n_b, out);
		return;
	}

	size_t at_a = n_a / 2;
	size_t at_b = leaf_lower_bound(b, n_b, a[at_a]);
	tbb::task_group group;

	group.run([=] { merge(a, at_a, b, at_b, out); });
	merge(a + at_a, n_a - at_a, b + at_b, n_b - at_b, out + at_a + at_b);
	group.wait();
}

void
sort(int64_t *items, int64_t *spare, size_t n)
{
	if (n <= LEAF_SORT) {
		leaf_sort(items, n);
		return;
	}

	size_t q = n / 4, rest = n - 3 * q;
	tbb::task_group group;

	group.run([=] { sort(items, spare, q); });
	group.run([=] { sort(items + q, spare + q, q); });
	group.run([=] { sort(items + 2 * q, spare + 2 * q, q); });
	sort(items + 3 * q, spare + 3 * q, rest);
	group.wait();
	group.run([=] { merge(items, q, items + q, q, spare); });
	merge(items + 2 * q, q, items + 3 * q, rest, spare + 2 * q);
	group.wait();
	merge(spare, 2 * q, spare + 2 * q, q + rest, items);
}

void
strassen(const double *a, size_t stride_a, const double *b, size_t stride_b, double *c,
    size_t stride_c, size_t n)
{
	enum { PRODUCTS = 7 };

	if (n == LEAF_STRASSEN) {
		leaf_strassen_block(a, stride_a, b, stride_b, c, stride_c);
		return;
	}

	size_t h = n / 2;
	double *products = leaf_strassen_alloc(PRODUCTS * h * h);
	tbb::task_group group;
	auto one = [=](int i) {
		double *factors = leaf_strassen_alloc(2 * h * h);

		leaf_strassen_operands(i, a, stride_a, b, stride_b, factors, h);
		strassen(factors, h, factors + h * h, h, products + static_cast<size_t>(i) * h * h,
		    h, h);
		leaf_strassen_free(factors);
	};

	for (int i = 0; i < PRODUCTS - 1; i++)
		group.run([&one, i] { one(i); });
	one(PRODUCTS - 1);
	group.wait();
	leaf_strassen_combine(products, c, stride_c, h);
	leaf_strassen_free(products);
}

void
heat(const double *from, double *to, size_t n, size_t begin, size_t end)
{
	if (end - begin <= LEAF_HEAT) {
		leaf_heat_rows(from, to, n, begin, end);
		return;
	}

	size_t middle = begin + (end - begin) / 2;
	tbb::task_group group;

	group.run([=] { heat(from, to, n, begin, middle); });
	heat(from, to, n, middle, end);
	group.wait();
}

uint64_t
knapsack(leaf_knapsack *sack, size_t i, int64_t room, int64_t value)
{
	if (!leaf_knapsack_visit(sack, i, room, value))
		return 1;

	int64_t weight = sack->item[i].weight;
	uint64_t nodes = 1, without;
	tbb::task_group group;

	group.run([&] { without = knapsack(sack, i + 1, room, value); });
	if (weight <= room)
		nodes += knapsack(sack, i + 1, room - weight, value + sack->item[i].value);
	group.wait();
	return nodes + without;
}

void
schur(double *c, const double *a, const double *b, size_t n, size_t stride)
{
	product(a, b, c, n, stride, [](const double *p, const double *q, double *r, size_t s) {
		leaf_lu_schur(r, p, q, s);
	});
}

void
lower(const double *l, double *b, size_t n, size_t stride)
{
	if (n == LEAF_LU) {
		leaf_lu_lower(l, b, stride);
		return;
	}

	size_t h = n / 2, down = h * stride;
	tbb::task_group group;
	auto half = [=](double *column) {
		lower(l, column, h, stride);
		schur(column + down, l + down, column, h, stride);
		lower(l + down + h, column + down, h, stride);
	};

	group.run([=] { half(b); });
	half(b + h);
	group.wait();
}

void
upper(const double *u, double *b, size_t n, size_t stride)
{
	if (n == LEAF_LU) {
		leaf_lu_upper(u, b, stride);
		return;
	}

	size_t h = n / 2, down = h * stride;
	tbb::task_group group;
	auto half = [=](double *row) {
		upper(u, row, h, stride);
		schur(row + h, row, u + h, h, stride);
		upper(u + down + h, row + h, h, stride);
	};

	group.run([=] { half(b); });
	half(b + down);
	group.wait();
}

void
lu(double *a, size_t n, size_t stride)
{
	if (n == LEAF_LU) {
		leaf_lu_block(a, stride);
		return;
	}

	size_t h = n / 2, down = h * stride;
	tbb::task_group group;

	lu(a, h, stride);
	group.run([=] { lower(a, a + h, h, stride); });
	upper(a, a + down, h, stride);
	group.wait();
	schur(a + down + h, a + down, a + h, h, stride);
	lu(a + down + h, h, stride);
}

void
combine(leaf_complex *out, const leaf_complex *w, size_t h, size_t stride, size_t begin,
    size_t end)
{
	if (end - begin <= LEAF_COMBINE) {
		leaf_fft_combine(out, w, h, stride, begin, end);
		return;
	}

	size_t middle = begin + (end - begin) / 2;
	tbb::task_group group;

	group.run([=] { combine(out, w, h, stride, begin, middle); });
	combine(out, w, h, stride, middle, end);
	group.wait();
}

void
fft(leaf_complex *out, const leaf_complex *in, const leaf_complex *w, size_t n, size_t stride)
{
	if (n <= LEAF_FFT) {
		leaf_fft_points(out, in, w, n, stride);
		return;
	}

	size_t h = n / 2;
	tbb::task_group group;

	group.run([=] { fft(out, in, w, h, 2 * stride); });
	fft(out + h, in + stride, w, h, 2 * stride);
	group.wait();
	combine(out, w, h, stride, 0, h);
}

leaf_list
quicksort(leaf_list list)
{
	leaf_list less, more;

	if (list.n <= LEAF_LIST)
		return leaf_list_sort(list);

	leaf_item *pivot = leaf_list_partition(list, &less, &more);
	tbb::task_group group;

	group.run([&less] { less = quicksort(less); });
	more = quicksort(more);
	group.wait();
	return leaf_list_join(less, pivot, more);
}

} /* namespace */

#endif /* BENCH_TBB_TASKS_H */
