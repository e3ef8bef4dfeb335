// SPDX-License-Identifier: BSD-2-Clause
// The rows of channel.c with Rust's channels:  PROGRAM QUEUE ROW [MESSAGES]
// and those of mutex.c with its mutex:         PROGRAM mutex [SCALE]

use std::sync::mpsc;
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Instant;

const CAPACITY: usize = 1024;

/// Nanoseconds a message of `pairs` producers and as many consumers.
fn stream<S, R>(senders: Vec<S>, receivers: Vec<R>, messages: u64,
                send: fn(&S, u64), recv: fn(&R) -> u64) -> f64
where
    S: Send + 'static,
    R: Send + 'static,
{
    let pairs = senders.len() as u64;
    let start = Arc::new(Barrier::new(2 * senders.len()));
    let mut threads = Vec::new();
    for s in senders {
        let start = start.clone();
        threads.push(thread::spawn(move || {
            start.wait();
            let began = Instant::now();
            for i in 0..messages {
                send(&s, i + 1);
            }
            (0, began, Instant::now())
        }));
    }
    for r in receivers {
        let start = start.clone();
        threads.push(thread::spawn(move || {
            start.wait();
            let began = Instant::now();
            let mut sum = 0u64;
            for _ in 0..messages {
                sum += recv(&r);
            }
            (sum, began, Instant::now())
        }));
    }
    // The threads measure: the caller may be late.
    let ends: Vec<_> = threads.into_iter().map(|t| t.join().unwrap()).collect();
    let sum: u64 = ends.iter().map(|e| e.0).sum();
    let began = ends.iter().map(|e| e.1).min().unwrap();
    let ended = ends.iter().map(|e| e.2).max().unwrap();
    let ns = (ended - began).as_nanos() as f64 / (pairs * messages) as f64;
    assert_eq!(sum, pairs * (messages * (messages + 1) / 2));
    ns
}

fn crossbeam(pairs: usize, messages: u64) -> f64 {
    let (s, r) = crossbeam_channel::bounded::<u64>(CAPACITY);
    stream(vec![s; pairs], vec![r; pairs], messages,
           |s, item| s.send(item).unwrap(), |r| r.recv().unwrap())
}

fn meet(pairs: usize, messages: u64) -> f64 {
    let (s, r) = crossbeam_channel::bounded::<u64>(0);
    stream(vec![s; pairs], vec![r; pairs], messages,
           |s, item| s.send(item).unwrap(), |r| r.recv().unwrap())
}

fn unbounded(pairs: usize, messages: u64) -> f64 {
    let (s, r) = crossbeam_channel::unbounded::<u64>();
    stream(vec![s; pairs], vec![r; pairs], messages,
           |s, item| s.send(item).unwrap(), |r| r.recv().unwrap())
}

fn standard(messages: u64) -> f64 {
    let (s, r) = mpsc::sync_channel::<u64>(CAPACITY);
    stream(vec![s], vec![r], messages,
           |s, item| s.send(item).unwrap(), |r| r.recv().unwrap())
}

/// Two threads in turn: nanoseconds from a question to its answer.
fn ping<S, R>(there: (S, R), back: (S, R), messages: u64,
              send: fn(&S, u64), recv: fn(&R) -> u64) -> f64
where
    S: Send + 'static,
    R: Send + 'static,
{
    let (question, asked) = there;
    let (reply, replied) = back;
    let other = thread::spawn(move || {
        for _ in 0..messages {
            send(&reply, recv(&asked) + 1);
        }
    });
    let begin = Instant::now();
    for i in 0..messages {
        send(&question, i);
        assert_eq!(recv(&replied), i + 1);
    }
    let ns = begin.elapsed().as_nanos() as f64 / messages as f64;
    other.join().unwrap();
    ns
}

fn crossbeam_ping(messages: u64) -> f64 {
    ping(crossbeam_channel::bounded::<u64>(CAPACITY), crossbeam_channel::bounded(CAPACITY),
         messages, |s, item| s.send(item).unwrap(), |r| r.recv().unwrap())
}

fn standard_ping(messages: u64) -> f64 {
    ping(mpsc::sync_channel::<u64>(CAPACITY), mpsc::sync_channel(CAPACITY),
         messages, |s, item| s.send(item).unwrap(), |r| r.recv().unwrap())
}

fn alone(messages: u64) -> f64 {
    let (s, r) = crossbeam_channel::bounded::<u64>(CAPACITY);
    let begin = Instant::now();
    for i in 0..messages {
        s.try_send(i).unwrap();
        std::hint::black_box(r.try_recv().unwrap());
    }
    begin.elapsed().as_nanos() as f64 / messages as f64
}

/// Nanoseconds an acquisition of all threads together.
fn locks(threads: u64, n: u64) -> f64 {
    let protected = Arc::new(Mutex::new(0u64));
    let start = Arc::new(Barrier::new(threads as usize));
    let all: Vec<_> = (0..threads).map(|_| {
        let (protected, start) = (protected.clone(), start.clone());
        thread::spawn(move || {
            start.wait();
            let began = Instant::now();
            for _ in 0..n {
                // As the volatile of the C program.
                let mut guard = std::hint::black_box(&protected).lock().unwrap();
                *guard += 1;
            }
            (began, Instant::now())
        })
    }).collect();
    let ends: Vec<_> = all.into_iter().map(|t| t.join().unwrap()).collect();
    let began = ends.iter().map(|e| e.0).min().unwrap();
    let ended = ends.iter().map(|e| e.1).max().unwrap();
    assert_eq!(*protected.lock().unwrap(), threads * n);
    (ended - began).as_nanos() as f64 / (threads * n) as f64
}

/// The median of seven turns, as harness.c.
fn mutex(scale: u64) {
    for (row, threads, n) in [("mutex uncontended", 1, 1_000_000), ("mutex 2 threads", 2, 300_000),
                              ("mutex 4 threads", 4, 100_000)] {
        let mut turns: Vec<f64> = (0..7).map(|_| locks(threads, n * scale)).collect();
        turns.sort_by(|a, b| a.total_cmp(b));
        println!("{row}\trust-std\t{:.2}", turns[3]);
    }
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let messages = args.get(3).map_or(1_000_000, |n| n.parse().unwrap());
    if args.len() < 3 {
        println!("crossbeam 1:1\ncrossbeam 2:2\ncrossbeam alone\ncrossbeam ping\n\
		    crossbeam-unbounded 1:1\ncrossbeam-unbounded 2:2\n\
		    crossbeam-meet 1:1\ncrossbeam-meet 2:2\nrust-std 1:1\nrust-std ping");
        return;
    }
    if args[1] == "mutex" {
        return mutex(args[2].parse().unwrap());
    }
    println!("{:.2}", match (args[1].as_str(), args[2].as_str()) {
        ("crossbeam", "1:1") => crossbeam(1, messages),
        ("crossbeam", "2:2") => crossbeam(2, messages),
        ("crossbeam", "alone") => alone(messages),
        ("crossbeam", "ping") => crossbeam_ping(messages),
        ("crossbeam-unbounded", "1:1") => unbounded(1, messages),
        ("crossbeam-unbounded", "2:2") => unbounded(2, messages),
        ("crossbeam-meet", "1:1") => meet(1, messages),
        ("crossbeam-meet", "2:2") => meet(2, messages),
        ("rust-std", "1:1") => standard(messages),
        ("rust-std", "ping") => standard_ping(messages),
        _ => std::process::exit(2),
    });
}
