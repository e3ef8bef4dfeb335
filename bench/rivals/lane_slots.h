/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The slot is the publication: a record stands in it, or 0, and there is no word for the
 * bottom.  A spawn stores the slot, a pop clears it; the thief looks at the slot at `top`
 * before and after its heavy fence.  The argument is the shipped one's with "slot i is 0"
 * for "bottom is i or less".
 */
struct lane {
	size_t top RIVAL_LINE;
	struct record *slot[RIVAL_CAPACITY] RIVAL_LINE;
};

#define SLOT(lane, index) (&(lane)->slot[(index) & (RIVAL_CAPACITY - 1)])

static inline void
lane_init(struct lane *lane)
{
	lane->top = RIVAL_FIRST;
}

static inline size_t
lane_next(struct lane *lane)
{
	return load_relaxed(&lane->top);
}

RIVAL_COLD size_t
spawn_slowly(struct lane *lane, size_t b, struct record *record, run_fn *run)
{
	size_t top = load_acquire(&lane->top);

	if (b < top)
		b = top;
	while (b - load_acquire(&lane->top) >= RIVAL_CAPACITY)
		spin_hint(); /* more than any kernel here needs */
	store_relaxed(&record->state, (size_t)run);
	store_release(SLOT(lane, b), record);
	wake_check();
	return b;
}

RIVAL_INLINE size_t
lane_spawn(struct lane *lane, size_t b, struct record *record, run_fn *run)
{
	size_t top = load_acquire(&lane->top);

	if (!likely(b - top - 1 < RIVAL_CAPACITY - 1))
		return spawn_slowly(lane, b, record, run);
	store_relaxed(&record->state, (size_t)run);
	store_release(SLOT(lane, b), record);
	return b;
}

RIVAL_INLINE bool
lane_take(struct lane *lane, size_t at)
{
	store_relaxed(SLOT(lane, at), NULL);
	light_fence();
	return likely(load_relaxed(&lane->top) < at);
}

RIVAL_COLD bool
lane_settle(struct lane *lane, size_t at, size_t *b)
{
	size_t top = load_relaxed(&lane->top);
	bool ours = top < at || (top == at && cas_full(&lane->top, at, at + 1));

	top = load_relaxed(&lane->top);
	*b = top < at ? at : top;
	return ours;
}

static inline void
lane_left(struct lane *lane, size_t at, size_t *b)
{
	size_t top = load_relaxed(&lane->top);

	*b = top < at ? at : top;
}

RIVAL_COLD struct record *
lane_steal(struct lane *lane)
{
	size_t top = load_acquire(&lane->top);
	struct record *record;

	if (load_relaxed(SLOT(lane, top)) == NULL)
		return NULL;
	heavy_fence();
	record = load_acquire(SLOT(lane, top));
	if (record == NULL || !cas_full(&lane->top, top, top + 1))
		return NULL;
	/* Nobody may find it again once the indexes have gone round; by now the owner may
	 * have put another one there. */
	(void)cas_full((size_t *)SLOT(lane, top), (size_t)record, 0);
	return record;
}
