/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/atomic.h for the model: every word is a rl::atomic, which may give any value that
 * C11 allows, and every operation may switch threads.
 *
 * Orders are what libatomic_ops promises and no more: its full operations are acquire and
 * release.  Each operation is a macro so that a trace names the line of the product's
 * source.
 */
#ifndef ATOMIC_RELACY_HPP
#define ATOMIC_RELACY_HPP

#include <relacy/relacy.hpp>

/* Names of ours that Relacy would replace. */
#undef new
#undef delete
#undef malloc
#undef calloc
#undef realloc
#undef free
#undef errno
#undef assert

/* Nothing stands apart here, and sizes are not those of the product. */
#define _Alignas(n)
#define _Static_assert(fact, text) static_assert(true, text)

#include "base/compiler.h"

#include <cstring>

/* In the copy of the source that mutants.sh makes: is this fault on? */
static const char *model_mutant = "";

static inline bool
flc_mutant(const char *name)
{
	return std::strcmp(model_mutant, name) == 0;
}

typedef rl::atomic<size_t> filch_word_;
typedef filch_word_ flc_atomic;

/* A thief's backoff: looks for an answer; chosen by the scene. */
static int model_ask_rounds;
#define ASK_ROUNDS model_ask_rounds

/* Small, so that deques run full and indexes wrap. */
#define FILCH_LANE_CAPACITY_ ((size_t)4)
#define FLC_INJECTOR_FIRST 4
#define FLC_HOT_LOAD_ACQUIRE(w) flc_load_acquire(w)
#define FLC_HOT_LOAD(w) flc_load_relaxed(w)
#define FLC_HOT_STORE(w, v) flc_store_relaxed(w, v)
#define FLC_HOT_STORE_RELEASE(w, v) flc_store_release(w, v)
#define FLC_HOT_LIGHT_FENCE() flc_fence_light()

#define flc_load_relaxed(a) ((a)->load(rl::mo_relaxed, $))
#define flc_load_acquire(a) ((a)->load(rl::mo_acquire, $))
#define flc_store_relaxed(a, value) ((a)->store((size_t)(value), rl::mo_relaxed, $))
#define flc_store_release(a, value) ((a)->store((size_t)(value), rl::mo_release, $))
#define flc_cas_full(a, expected, desired) \
	model_cas((a), (size_t)(expected), (size_t)(desired), $)
#define flc_add_full(a, value) ((a)->fetch_add((size_t)(value), rl::mo_acq_rel, $))

static inline bool
model_cas(flc_atomic *a, size_t expected, size_t desired, rl::debug_info_param at)
{
	return a->compare_exchange_strong(expected, desired, rl::mo_acq_rel, at,
	    rl::mo_acquire, at);
}

/* Whether the system has the heavy fence: chosen by the scene. */
static bool model_asymmetric = true;  /* what the pool believes */
static bool model_refuses;            /* what the system says */

static inline bool
model_heavy(rl::debug_info_param at)
{
	if (model_refuses)
		rl::atomic_thread_fence(rl::mo_seq_cst, at);
	else
		rl::systemwide_fence(at);
	return !model_refuses;
}

#define flc_fence_full() rl::atomic_thread_fence(rl::mo_seq_cst, $)
#define flc_fence_light() rl::atomic_signal_fence(rl::mo_seq_cst, $)
#define flc_fence_heavy() model_heavy($)
#define flc_fence_heavy_or_wait() ((void)model_heavy($))
#define flc_fence_probe() (model_asymmetric)
#define flc_fence_is_cheap() (model_asymmetric)
#define flc_spin_hint() rl::yield(1, $)
#define flc_yield_cpu() (true)
#define flc_this_cpu() UINT32_MAX
#define flc_model_yield() rl::yield(1, $)

/* Locks and conditions make themselves.  No spurious wakes: they would make good a lost
 * one. */
typedef rl::mutex flc_lock;

struct model_cond_tag;

struct flc_cond : rl::condvar<model_cond_tag> {
	flc_cond() { init(false, $); }
	~flc_cond() { deinit($); }
};

#define flc_lock_init(l) ((void)(l))
#define flc_lock_fini(l) ((void)(l))
#define flc_lock_acquire(l) ((l)->lock($))
#define flc_lock_release(l) ((l)->unlock($))
#define flc_cond_init(c) ((void)(c))
#define cond_fini(c) ((void)(c))
#define cond_signal(c) ((c)->notify_one($))
#define cond_wait(c, l, deadline) model_cond_wait((c), (l), (deadline), $)

/* A timed wait may end at any moment, if the scene lets time pass at all: without, a wake
 * that is lost shows as a deadlock. */
static bool model_time_passes;

static inline bool
model_cond_wait(flc_cond *cond, flc_lock *lock, uint64_t deadline, rl::debug_info_param at)
{
	if (!model_time_passes || deadline == UINT64_MAX) {
		cond->wait(*lock, false, at);
		return true;
	}
	return cond->wait(*lock, true, at) == rl::sema_wakeup_reason_success;
}

#include <filch/hot.h>

#define FLC_PLAIN(type) rl::var<type>
#define flc_get(lvalue) ((lvalue)($).load())
#define flc_set(lvalue, value) ((lvalue)($).store(value))

#endif /* ATOMIC_RELACY_HPP */
