/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The last task without the owner's compare-and-swap: a thief raises `top` under the
 * victim's lock, pays the heavy fence, looks at `bottom`, and backs off if the owner has
 * gone below.  An owner that finds `top` above its record takes the lock.  After M.
 * Frigo, C. E. Leiserson, K. H. Randall: "The Implementation of the Cilk-5 Multithreaded
 * Language" (1998): the THE protocol, with the owner's fence paid by the thief.
 */
struct lane {
	size_t top RIVAL_LINE;
	size_t lock;
	size_t bottom RIVAL_LINE;
	struct record *slot[RIVAL_CAPACITY] RIVAL_LINE;
};

#define SLOT(lane, index) (&(lane)->slot[(index) & (RIVAL_CAPACITY - 1)])

static inline void
lane_init(struct lane *lane)
{
	lane->top = lane->bottom = RIVAL_FIRST;
}

static inline size_t
lane_next(struct lane *lane)
{
	return lane->bottom;
}

static inline void
lock_lane(struct lane *lane)
{
	while (load_relaxed(&lane->lock) != 0 || !cas_full(&lane->lock, 0, 1))
		spin_hint();
}

static inline void
unlock_lane(struct lane *lane)
{
	store_release(&lane->lock, 0);
}

RIVAL_INLINE void
put(struct lane *lane, size_t b, struct record *record, run_fn *run)
{
	store_relaxed(&record->state, (size_t)run);
	store_relaxed(SLOT(lane, b), record);
	store_release(&lane->bottom, b + 1);
}

RIVAL_COLD size_t
spawn_slowly(struct lane *lane, struct record *record, run_fn *run)
{
	size_t b = load_relaxed(&lane->bottom);
	size_t top = load_acquire(&lane->top);

	/* Above: a thief is about to back off. */
	while (top > b || b - top >= RIVAL_CAPACITY) {
		spin_hint();
		top = load_acquire(&lane->top);
	}
	put(lane, b, record, run);
	wake_check();
	return b;
}

RIVAL_INLINE size_t
lane_spawn(struct lane *lane, size_t b, struct record *record, run_fn *run)
{
	size_t top = load_acquire(&lane->top);

	if (!likely(b - top - 1 < RIVAL_CAPACITY - 1))
		return spawn_slowly(lane, record, run);
	put(lane, b, record, run);
	return b;
}

RIVAL_INLINE bool
lane_take(struct lane *lane, size_t at)
{
	store_release(&lane->bottom, at);
	light_fence();
	return likely(load_relaxed(&lane->top) <= at);
}

RIVAL_COLD bool
lane_settle(struct lane *lane, size_t at, size_t *b)
{
	size_t top;

	lock_lane(lane);
	top = load_relaxed(&lane->top);
	*b = top <= at ? at : top;
	store_release(&lane->bottom, *b);
	unlock_lane(lane);
	return top <= at;
}

static inline void
lane_left(struct lane *lane, size_t at, size_t *b)
{
	(void)lane_settle(lane, at, b);
}

RIVAL_COLD struct record *
lane_steal(struct lane *lane)
{
	struct record *record = NULL;
	size_t top;

	if (load_relaxed(&lane->bottom) <= load_relaxed(&lane->top)
	    || load_relaxed(&lane->lock) != 0 || !cas_full(&lane->lock, 0, 1))
		return NULL;
	top = load_relaxed(&lane->top);
	store_relaxed(&lane->top, top + 1);
	heavy_fence();
	if (load_acquire(&lane->bottom) > top)
		record = load_relaxed(SLOT(lane, top));
	else
		store_release(&lane->top, top);
	unlock_lane(lane);
	return record;
}
