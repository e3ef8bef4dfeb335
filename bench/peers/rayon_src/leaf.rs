/* SPDX-License-Identifier: BSD-2-Clause */
//! The leaf code's C face: what ../../leaf/leaf.h and ../../protocol.h declare.

use std::os::raw::{c_char, c_int, c_void};

pub const MATMUL: usize = 16;
pub const SORT: usize = 2048;
pub const STRASSEN: usize = 64;
pub const HEAT: usize = 16;
pub const LU: usize = 16;
pub const FFT: usize = 128;
pub const COMBINE: usize = 512;
pub const LIST: usize = 16;
pub const NESTED: usize = 64;
pub const QUEENS_MAX: u64 = 16;

/// A pointer that tasks may take along: they work on disjoint parts.
pub struct Ptr<T>(*mut T);

impl<T> Clone for Ptr<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Ptr<T> {}
unsafe impl<T> Send for Ptr<T> {}
unsafe impl<T> Sync for Ptr<T> {}

impl<T> Ptr<T> {
    pub fn new(raw: *mut T) -> Self {
        Ptr(raw)
    }
    pub fn raw(self) -> *mut T {
        self.0
    }
    pub fn at(self, offset: usize) -> Self {
        Ptr(self.0.wrapping_add(offset))
    }
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct Board {
    pub row: [i8; 16],
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct UtsNode {
    pub state: [u32; 5],
    pub height: i32,
}

#[repr(C)]
pub struct Uts {
    pub root: UtsNode,
    pub binomial: i32,
    pub depth: i32,
    pub branching: f64,
    pub probability: f64,
    pub children: i32,
}

#[repr(C)]
pub struct Binomial {
    pub root: u64,
    pub roots: i32,
}

#[repr(C)]
pub struct Matmul {
    pub n: usize,
    pub a: *mut f64,
    pub b: *mut f64,
    pub c: *mut f64,
}

#[repr(C)]
pub struct Cilksort {
    pub n: usize,
    pub items: *mut i64,
    pub spare: *mut i64,
    pub input: *mut i64,
}

#[repr(C)]
pub struct Heat {
    pub n: usize,
    pub steps: usize,
    pub cell: [*mut f64; 2],
}

#[repr(C)]
pub struct Lu {
    pub n: usize,
    pub a: *mut f64,
    pub input: *mut f64,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Complex {
    pub re: f64,
    pub im: f64,
}

#[repr(C)]
pub struct Fft {
    pub n: usize,
    pub points: *mut Complex,
    pub out: *mut Complex,
    pub w: *mut Complex,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct KnapsackItem {
    pub value: i64,
    pub weight: i64,
}

#[repr(C)]
pub struct Knapsack {
    pub n: usize,
    pub capacity: i64,
    pub best: i64,
    pub item: [KnapsackItem; 64],
}

#[repr(C)]
pub struct Item {
    pub next: *mut Item,
    pub key: u64,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct List {
    pub first: *mut Item,
    pub last: *mut Item,
    pub n: usize,
}
unsafe impl Send for List {}

impl List {
    pub fn empty() -> Self {
        List { first: std::ptr::null_mut(), last: std::ptr::null_mut(), n: 0 }
    }
}

#[repr(C)]
pub struct Quicksort {
    pub n: usize,
    pub list: List,
    pub items: *mut Item,
}

#[repr(C)]
pub struct Axpy {
    pub n: usize,
    pub x: *mut f64,
    pub y: *mut f64,
}

#[repr(C)]
pub struct Sum {
    pub n: usize,
    pub items: *mut f64,
}

#[repr(C)]
pub struct Mandelbrot {
    pub n: usize,
    pub pixels: *mut u32,
}

#[repr(C)]
pub struct Triangular {
    pub n: usize,
    pub out: *mut u64,
}

extern "C" {
    pub fn leaf_queens_safe(board: *const Board, n: c_int) -> c_int;
    pub fn leaf_uts_children(tree: *const Uts, node: *const UtsNode) -> c_int;
    pub fn leaf_uts_child(node: *const UtsNode, i: c_int, child: *mut UtsNode);
    pub fn leaf_binomial_children(state: u64) -> c_int;
    pub fn leaf_binomial_child(state: u64, i: c_int) -> u64;
    pub fn leaf_matmul_block(a: *const f64, b: *const f64, c: *mut f64, stride: usize);
    pub fn leaf_sort(items: *mut i64, n: usize);
    pub fn leaf_merge(a: *const i64, n_a: usize, b: *const i64, n_b: usize, out: *mut i64);
    pub fn leaf_lower_bound(items: *const i64, n: usize, key: i64) -> usize;
    pub fn leaf_strassen_block(a: *const f64, stride_a: usize, b: *const f64, stride_b: usize,
        c: *mut f64, stride_c: usize);
    pub fn leaf_strassen_operands(i: c_int, a: *const f64, stride_a: usize, b: *const f64,
        stride_b: usize, operands: *mut f64, h: usize);
    pub fn leaf_strassen_combine(products: *const f64, c: *mut f64, stride_c: usize, h: usize);
    pub fn leaf_strassen_alloc(doubles: usize) -> *mut f64;
    pub fn leaf_strassen_free(memory: *mut f64);
    pub fn leaf_heat_rows(from: *const f64, to: *mut f64, n: usize, begin: usize, end: usize);
    pub fn leaf_lu_block(a: *mut f64, stride: usize);
    pub fn leaf_lu_lower(l: *const f64, b: *mut f64, stride: usize);
    pub fn leaf_lu_upper(u: *const f64, b: *mut f64, stride: usize);
    pub fn leaf_lu_schur(c: *mut f64, a: *const f64, b: *const f64, stride: usize);
    pub fn leaf_fft_points(out: *mut Complex, points: *const Complex, w: *const Complex,
        n: usize, stride: usize);
    pub fn leaf_fft_combine(out: *mut Complex, w: *const Complex, h: usize, stride: usize,
        begin: usize, end: usize);
    pub fn leaf_knapsack_visit(sack: *mut Knapsack, i: usize, room: i64, value: i64) -> c_int;
    pub fn leaf_list_sort(list: List) -> List;
    pub fn leaf_list_partition(list: List, less: *mut List, more: *mut List) -> *mut Item;
    pub fn leaf_list_join(less: List, pivot: *mut Item, more: List) -> List;
    pub fn leaf_axpy_range(a: f64, x: *const f64, y: *mut f64, begin: usize, end: usize);
    pub fn leaf_sum_range(items: *const f64, begin: usize, end: usize) -> f64;
    pub fn leaf_mandelbrot_rows(pixels: *mut u32, n: usize, begin: usize, end: usize);
    pub fn leaf_triangular_range(out: *mut u64, begin: usize, end: usize);

    pub fn latency_task(context: *mut c_void);
    pub fn latency_run(run: *const Case, pair: unsafe extern "C" fn(*mut c_void)) -> u64;
    pub fn bench_serve(peer: *const Peer) -> c_int;
}

#[repr(C)]
pub struct Case {
    pub n: u64,
    pub workers: u64,
    pub repeat: u64,
    report: *mut c_void,
    data: *mut u8,
}

impl Case {
    pub fn data<T>(&self) -> *mut T {
        self.data as *mut T
    }
}

#[repr(C)]
pub struct Kernel {
    pub name: *const c_char,
    pub run: Option<unsafe extern "C" fn(*const Case) -> u64>,
}

#[repr(C)]
pub struct Peer {
    pub kernels: *const Kernel,
    pub set_workers: Option<unsafe extern "C" fn(u64) -> c_int>,
    pub before_run: Option<unsafe extern "C" fn()>,
    pub print_stats: Option<unsafe extern "C" fn()>,
    pub build: Option<unsafe extern "C" fn() -> *const c_char>,
}
