/* SPDX-License-Identifier: BSD-2-Clause */
//! Rayon as a peer.  The caller sleeps while the pool's threads work, so a pool
//! of n threads is n workers.

mod leaf;
mod tasks;

use leaf::*;
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::os::raw::{c_char, c_int, c_void};
use std::sync::atomic::{AtomicPtr, Ordering};

static POOL: AtomicPtr<ThreadPool> = AtomicPtr::new(std::ptr::null_mut());

unsafe extern "C" fn set_workers(workers: u64) -> c_int {
    let old = POOL.swap(std::ptr::null_mut(), Ordering::SeqCst);
    if !old.is_null() {
        drop(Box::from_raw(old));
    }
    match ThreadPoolBuilder::new().num_threads(workers as usize).build() {
        Ok(pool) => {
            POOL.store(Box::into_raw(Box::new(pool)), Ordering::SeqCst);
            0
        }
        Err(_) => -1,
    }
}

fn inside<R: Send>(f: impl FnOnce() -> R + Send) -> R {
    unsafe { &*POOL.load(Ordering::Relaxed) }.install(f)
}

/// Items of a chunk: a shorter loop is one task.
const CHUNK: usize = 4096;

fn axpy(x: Ptr<f64>, y: Ptr<f64>, n: usize) {
    let y = unsafe { std::slice::from_raw_parts_mut(y.raw(), n) };
    y.par_chunks_mut(CHUNK).enumerate().for_each(|(k, part)| unsafe {
        leaf_axpy_range(1.0, x.at(k * CHUNK).raw(), part.as_mut_ptr(), 0, part.len())
    });
}

fn sum(data: &Sum) -> f64 {
    let items = unsafe { std::slice::from_raw_parts(data.items, data.n) };
    items
        .par_chunks(CHUNK)
        .map(|part| unsafe { leaf_sum_range(part.as_ptr(), 0, part.len()) })
        .sum()
}

/// A kernel as a C function: `run` is its case, `data` its data.
macro_rules! kernel {
    ($name:ident, |$run:ident| $body:expr) => {
        unsafe extern "C" fn $name(case: *const Case) -> u64 {
            let $run = &*case;
            $body
        }
    };
}

kernel!(run_fib, |run| {
    let n = run.n as i32;
    inside(|| tasks::fib(n)) as u64
});
kernel!(run_nqueens, |run| {
    let n = run.n;
    if n > QUEENS_MAX {
        0
    } else {
        inside(|| tasks::nqueens(n as i32, 0, Board::default()))
    }
});
kernel!(run_integrate, |run| {
    let n = run.n as f64;
    let (y1, y2) = (tasks::curve(0.0), tasks::curve(n));
    inside(|| tasks::integrate(0.0, y1, n, y2, (y1 + y2) / 2.0 * n)).to_bits()
});
kernel!(run_uts, |run| {
    let tree = Ptr::new(run.data::<Uts>());
    inside(|| tasks::uts(tree, &(*tree.raw()).root))
});
kernel!(run_skynet, |run| {
    let mut size = 1;
    while size <= run.n / 10 {
        size *= 10;
    }
    inside(|| tasks::skynet(0, size))
});
kernel!(run_matmul, |run| {
    let m = &*run.data::<Matmul>();
    let (a, b, c, n) = (Ptr::new(m.a), Ptr::new(m.b), Ptr::new(m.c), m.n);
    inside(|| tasks::matmul(a, b, c, n));
    0
});
kernel!(run_cilksort, |run| {
    let s = &*run.data::<Cilksort>();
    let (items, spare, n) = (Ptr::new(s.items), Ptr::new(s.spare), s.n);
    inside(|| tasks::sort(items, spare, n));
    0
});
kernel!(run_strassen, |run| {
    let m = &*run.data::<Matmul>();
    let (a, b, c, n) = (Ptr::new(m.a), Ptr::new(m.b), Ptr::new(m.c), m.n);
    inside(|| tasks::strassen(a, n, b, n, c, n, n));
    0
});
kernel!(run_heat, |run| {
    let grid = &*run.data::<Heat>();
    let (cell, n, steps) = ([Ptr::new(grid.cell[0]), Ptr::new(grid.cell[1])], grid.n, grid.steps);
    inside(|| {
        for step in 0..steps {
            tasks::heat(cell[step % 2], cell[(step + 1) % 2], n, 1, n - 1);
        }
    });
    0
});
kernel!(run_knapsack, |run| {
    let sack = Ptr::new(run.data::<Knapsack>());
    let capacity = (*sack.raw()).capacity;
    inside(|| tasks::knapsack(sack, 0, capacity, 0))
});
kernel!(run_lu, |run| {
    let m = &*run.data::<Lu>();
    let (a, n) = (Ptr::new(m.a), m.n);
    inside(|| tasks::lu(a, n, n));
    0
});
kernel!(run_fft, |run| {
    let f = &*run.data::<Fft>();
    let (out, points, w, n) = (Ptr::new(f.out), Ptr::new(f.points), Ptr::new(f.w), f.n);
    inside(|| tasks::fft(out, points, w, n, 1));
    0
});
kernel!(run_quicksort, |run| {
    let data = run.data::<Quicksort>();
    let list = (*data).list;
    (*data).list = inside(move || tasks::quicksort(list));
    0
});
kernel!(run_binomial, |run| {
    let tree = &*run.data::<Binomial>();
    let (root, roots) = (tree.root, tree.roots);
    inside(|| tasks::binomial(root, roots))
});
kernel!(run_axpy, |run| {
    let data = &*run.data::<Axpy>();
    let (x, y, n, repeat) = (Ptr::new(data.x), Ptr::new(data.y), data.n, run.repeat);
    inside(|| (0..repeat).for_each(|_| axpy(x, y, n)));
    0
});
kernel!(run_axpy_outside, |run| {
    let data = &*run.data::<Axpy>();
    let (x, y, n) = (Ptr::new(data.x), Ptr::new(data.y), data.n);
    (0..run.repeat).for_each(|_| inside(|| axpy(x, y, n)));
    0
});
kernel!(run_mandelbrot, |run| {
    let image = &*run.data::<Mandelbrot>();
    let n = image.n;
    let pixels = std::slice::from_raw_parts_mut(image.pixels, n * n);
    inside(|| {
        pixels
            .par_chunks_mut(n)
            .enumerate()
            .for_each(|(i, row)| {
		leaf_mandelbrot_rows(row.as_mut_ptr().wrapping_sub(i * n), n, i, i + 1)
	    })
    });
    0
});
kernel!(run_triangular, |run| {
    let triangle = &*run.data::<Triangular>();
    let (out, n) = (Ptr::new(triangle.out), triangle.n);
    inside(|| (0..n).into_par_iter().for_each(|i| leaf_triangular_range(out.raw(), i, i + 1)));
    0
});
kernel!(run_nested, |run| {
    let data = &*run.data::<Axpy>();
    let (x, y, n, repeat) = (Ptr::new(data.x), Ptr::new(data.y), run.n as usize, run.repeat);
    inside(|| {
        for _ in 0..repeat {
            (0..NESTED).into_par_iter().for_each(|k| axpy(x.at(k * n), y.at(k * n), n));
        }
    });
    0
});
kernel!(run_sum, |run| {
    let data = &*run.data::<Sum>();
    let (items, n, repeat) = (Ptr::new(data.items), data.n, run.repeat);
    inside(|| {
        let data = Sum { n, items: items.raw() };
        (0..repeat).map(|_| sum(&data)).sum::<f64>()
    }) as u64
});

unsafe extern "C" fn pair(context: *mut c_void) {
    let context = Ptr::new(context);
    inside(|| rayon::join(|| latency_task(context.raw()), || latency_task(context.raw())));
}
kernel!(run_pair, |run| latency_run(run, pair));

macro_rules! row {
    ($name:literal, $run:ident) => {
        Kernel { name: concat!($name, "\0").as_ptr() as *const c_char, run: Some($run) }
    };
}

fn main() {
    let kernels = [
        row!("fib", run_fib),
        row!("nqueens", run_nqueens),
        row!("integrate", run_integrate),
        row!("uts_t1", run_uts),
        row!("uts_t3", run_uts),
        row!("skynet", run_skynet),
        row!("matmul", run_matmul),
        row!("cilksort", run_cilksort),
        row!("strassen", run_strassen),
        row!("heat", run_heat),
        row!("knapsack", run_knapsack),
        row!("lu", run_lu),
        row!("fft", run_fft),
        row!("quicksort", run_quicksort),
        row!("binomial", run_binomial),
        row!("axpy", run_axpy),
        row!("axpy_outside", run_axpy_outside),
        row!("mandelbrot", run_mandelbrot),
        row!("triangular", run_triangular),
        row!("nested", run_nested),
        row!("sum", run_sum),
        row!("launch", run_pair),
        row!("handoff", run_pair),
        row!("two_long", run_pair),
        row!("idle", run_pair),
        Kernel { name: std::ptr::null(), run: None },
    ];
    let peer = Peer {
        kernels: kernels.as_ptr(),
        set_workers: Some(set_workers),
        before_run: None,
        print_stats: None,
        build: None,
    };
    std::process::exit(unsafe { bench_serve(&peer) });
}
