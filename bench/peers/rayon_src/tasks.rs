/* SPDX-License-Identifier: BSD-2-Clause */
//! The recursions: join where there are two, a parallel iterator over the
//! children where there are more.

use crate::leaf::*;
use rayon::join;
use rayon::prelude::*;

pub fn fib(n: i32) -> i64 {
    if n < 2 {
        return n as i64;
    }
    let (left, right) = join(|| fib(n - 1), || fib(n - 2));
    left + right
}

pub fn nqueens(n: i32, row: i32, board: Board) -> u64 {
    if row == n {
        return 1;
    }
    (0..n)
        .into_par_iter()
        .map(|column| {
            let mut next = board;
            next.row[row as usize] = column as i8;
            if unsafe { leaf_queens_safe(&next, row + 1) } != 0 {
                nqueens(n, row + 1, next)
            } else {
                0
            }
        })
        .sum()
}

pub fn curve(x: f64) -> f64 {
    (x * x + 1.0) * x
}

pub fn integrate(x1: f64, y1: f64, x2: f64, y2: f64, area: f64) -> f64 {
    let half = (x2 - x1) / 2.0;
    let x0 = x1 + half;
    let y0 = curve(x0);
    let area1 = (y1 + y0) / 2.0 * half;
    let area2 = (y0 + y2) / 2.0 * half;
    if (area1 + area2 - area).abs() < 1e-9 {
        return area1 + area2;
    }
    let (left, right) = join(
        || integrate(x1, y1, x0, y0, area1),
        || integrate(x0, y0, x2, y2, area2),
    );
    left + right
}

pub fn uts(tree: Ptr<Uts>, node: &UtsNode) -> u64 {
    let children = unsafe { leaf_uts_children(tree.raw(), node) };
    if children == 0 {
        return 1 + (1 << 32);
    }
    1 + (0..children)
        .into_par_iter()
        .map(|i| {
            let mut next = UtsNode::default();
            unsafe { leaf_uts_child(node, i, &mut next) };
            uts(tree, &next)
        })
        .sum::<u64>()
}

pub fn binomial(state: u64, given: i32) -> u64 {
    let children = if given != 0 { given } else { unsafe { leaf_binomial_children(state) } };
    if children == 0 {
        return 1;
    }
    1 + (0..children)
        .into_par_iter()
        .map(|i| binomial(unsafe { leaf_binomial_child(state, i) }, 0))
        .sum::<u64>()
}

pub fn skynet(number: u64, size: u64) -> u64 {
    if size == 1 {
        return number;
    }
    let part = size / 10;
    (0..10u64).into_par_iter().map(|i| skynet(number + i * part, part)).sum()
}

type F64 = Ptr<f64>;

/// Two phases of four products; the leaf multiplies or, for LU, subtracts.
pub fn product<L>(a: F64, b: F64, c: F64, n: usize, stride: usize, leaf: L)
where
    L: Fn(F64, F64, F64) + Copy + Send + Sync,
{
    if n == MATMUL {
        leaf(a, b, c);
        return;
    }
    let h = n / 2;
    let down = h * stride;
    for k in 0..2 {
        let left = a.at(k * h);
        let right = b.at(k * down);
        join(
            || {
                join(
                    || product(left, right, c, h, stride, leaf),
                    || product(left, right.at(h), c.at(h), h, stride, leaf),
                )
            },
            || {
                join(
                    || product(left.at(down), right, c.at(down), h, stride, leaf),
                    || product(left.at(down), right.at(h), c.at(down + h), h, stride, leaf),
                )
            },
        );
    }
}

pub fn matmul(a: F64, b: F64, c: F64, n: usize) {
    product(a, b, c, n, n, |p, q, r| unsafe { leaf_matmul_block(p.raw(), q.raw(), r.raw(), n) });
}

type I64 = Ptr<i64>;

fn merge(a: I64, n_a: usize, b: I64, n_b: usize, out: I64) {
    if n_a < n_b {
        return merge(b, n_b, a, n_a, out);
    }
    if n_a + n_b <= SORT {
        unsafe { leaf_merge(a.raw(), n_a, b.raw(), n_b, out.raw()) };
        return;
    }
    let at_a = n_a / 2;
    let at_b = unsafe { leaf_lower_bound(b.raw(), n_b, *a.at(at_a).raw()) };
    join(
        || merge(a, at_a, b, at_b, out),
        || merge(a.at(at_a), n_a - at_a, b.at(at_b), n_b - at_b, out.at(at_a + at_b)),
    );
}

pub fn sort(items: I64, spare: I64, n: usize) {
    if n <= SORT {
        unsafe { leaf_sort(items.raw(), n) };
        return;
    }
    let q = n / 4;
    let rest = n - 3 * q;
    join(
        || {
            join(
                || sort(items, spare, q),
                || sort(items.at(q), spare.at(q), q),
            )
        },
        || {
            join(
                || sort(items.at(2 * q), spare.at(2 * q), q),
                || sort(items.at(3 * q), spare.at(3 * q), rest),
            )
        },
    );
    join(
        || merge(items, q, items.at(q), q, spare),
        || merge(items.at(2 * q), q, items.at(3 * q), rest, spare.at(2 * q)),
    );
    merge(spare, 2 * q, spare.at(2 * q), q + rest, items);
}

pub fn strassen(
    a: F64, stride_a: usize, b: F64, stride_b: usize, c: F64, stride_c: usize, n: usize,
) {
    if n == STRASSEN {
        unsafe { leaf_strassen_block(a.raw(), stride_a, b.raw(), stride_b, c.raw(), stride_c) };
        return;
    }
    let h = n / 2;
    let products = Ptr::new(unsafe { leaf_strassen_alloc(7 * h * h) });
    (0..7usize).into_par_iter().with_max_len(1).for_each(|i| {
        let factors = Ptr::new(unsafe { leaf_strassen_alloc(2 * h * h) });
        unsafe {
            leaf_strassen_operands(i as i32, a.raw(), stride_a, b.raw(), stride_b, factors.raw(), h)
        };
        strassen(factors, h, factors.at(h * h), h, products.at(i * h * h), h, h);
        unsafe { leaf_strassen_free(factors.raw()) };
    });
    unsafe {
        leaf_strassen_combine(products.raw(), c.raw(), stride_c, h);
        leaf_strassen_free(products.raw());
    }
}

pub fn heat(from: F64, to: F64, n: usize, begin: usize, end: usize) {
    if end - begin <= HEAT {
        unsafe { leaf_heat_rows(from.raw(), to.raw(), n, begin, end) };
        return;
    }
    let middle = begin + (end - begin) / 2;
    join(|| heat(from, to, n, begin, middle), || heat(from, to, n, middle, end));
}

pub fn knapsack(sack: Ptr<Knapsack>, i: usize, room: i64, value: i64) -> u64 {
    if unsafe { leaf_knapsack_visit(sack.raw(), i, room, value) } == 0 {
        return 1;
    }
    let item = unsafe { (*sack.raw()).item[i] };
    let (with, without) = join(
        || {
            if item.weight <= room {
                knapsack(sack, i + 1, room - item.weight, value + item.value)
            } else {
                0
            }
        },
        || knapsack(sack, i + 1, room, value),
    );
    1 + with + without
}

fn schur(c: F64, a: F64, b: F64, n: usize, stride: usize) {
    product(a, b, c, n, stride, |p, q, r| unsafe {
        leaf_lu_schur(r.raw(), p.raw(), q.raw(), stride)
    });
}

fn lower(l: F64, b: F64, n: usize, stride: usize) {
    if n == LU {
        unsafe { leaf_lu_lower(l.raw(), b.raw(), stride) };
        return;
    }
    let h = n / 2;
    let down = h * stride;
    let half = |column: F64| {
        lower(l, column, h, stride);
        schur(column.at(down), l.at(down), column, h, stride);
        lower(l.at(down + h), column.at(down), h, stride);
    };
    join(|| half(b), || half(b.at(h)));
}

fn upper(u: F64, b: F64, n: usize, stride: usize) {
    if n == LU {
        unsafe { leaf_lu_upper(u.raw(), b.raw(), stride) };
        return;
    }
    let h = n / 2;
    let down = h * stride;
    let half = |row: F64| {
        upper(u, row, h, stride);
        schur(row.at(h), row, u.at(h), h, stride);
        upper(u.at(down + h), row.at(h), h, stride);
    };
    join(|| half(b), || half(b.at(down)));
}

pub fn lu(a: F64, n: usize, stride: usize) {
    if n == LU {
        unsafe { leaf_lu_block(a.raw(), stride) };
        return;
    }
    let h = n / 2;
    let down = h * stride;
    lu(a, h, stride);
    join(|| lower(a, a.at(h), h, stride), || upper(a, a.at(down), h, stride));
    schur(a.at(down + h), a.at(down), a.at(h), h, stride);
    lu(a.at(down + h), h, stride);
}

fn combine(out: Ptr<Complex>, w: Ptr<Complex>, h: usize, stride: usize, begin: usize, end: usize) {
    if end - begin <= COMBINE {
        unsafe { leaf_fft_combine(out.raw(), w.raw(), h, stride, begin, end) };
        return;
    }
    let middle = begin + (end - begin) / 2;
    join(
        || combine(out, w, h, stride, begin, middle),
        || combine(out, w, h, stride, middle, end),
    );
}

pub fn fft(out: Ptr<Complex>, points: Ptr<Complex>, w: Ptr<Complex>, n: usize, stride: usize) {
    if n <= FFT {
        unsafe { leaf_fft_points(out.raw(), points.raw(), w.raw(), n, stride) };
        return;
    }
    let h = n / 2;
    join(
        || fft(out, points, w, h, 2 * stride),
        || fft(out.at(h), points.at(stride), w, h, 2 * stride),
    );
    combine(out, w, h, stride, 0, h);
}

pub fn quicksort(list: List) -> List {
    if list.n <= LIST {
        return unsafe { leaf_list_sort(list) };
    }
    let (mut less, mut more) = (List::empty(), List::empty());
    let pivot = unsafe { leaf_list_partition(list, &mut less, &mut more) };
    let (less, more) = join(move || quicksort(less), move || quicksort(more));
    unsafe { leaf_list_join(less, pivot, more) }
}
