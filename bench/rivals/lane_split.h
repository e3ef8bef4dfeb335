/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Private until asked: records from `split` up are the owner's alone, and neither a spawn
 * nor a pop of one stores to a word that thieves read.  A thief that finds nothing public
 * sets `limit`, which sends the owner's next spawn or pop to the slow path, where it
 * moves the split to the middle.  After T. van Dijk, J. van de Pol: "Lace: Non-blocking
 * Split Deque for Work-Stealing" (2014), with one word for the owner to look at.
 */
#define ASKED ((size_t)1 << 62)
#define HALF 32
#define TAIL(ends) ((ends) & 0xffffffff)
#define SPLIT(ends) ((ends) >> HALF)
#define ENDS(tail, split) ((tail) | (split) << HALF)
/* At most half may be public and half private, so that `limit` says when it is full. */
#define ROOM (RIVAL_CAPACITY / 2)

struct lane {
	size_t ends RIVAL_LINE;   /* tail: the next to steal; split */
	size_t limit RIVAL_LINE;  /* split, or ASKED */
	struct record *slot[RIVAL_CAPACITY] RIVAL_LINE;
};

#define SLOT(lane, index) (&(lane)->slot[(index) & (RIVAL_CAPACITY - 1)])

static inline void
lane_init(struct lane *lane)
{
	lane->ends = ENDS((size_t)RIVAL_FIRST, (size_t)RIVAL_FIRST);
	lane->limit = ASKED;
}

static inline size_t
lane_next(struct lane *lane)
{
	return TAIL(load_relaxed(&lane->ends));
}

/* Makes public what lies below `end`: the older half of what is private. */
static inline void
publish(struct lane *lane, size_t end)
{
	for (;;) {
		size_t ends = load_acquire(&lane->ends);
		size_t split = SPLIT(ends);

		if (end > split)
			split = (split + end + 1) / 2;
		store_relaxed(&lane->limit, split);
		if (cas_full(&lane->ends, ends, ENDS(TAIL(ends), split)))
			return;
	}
}

RIVAL_COLD size_t
spawn_slowly(struct lane *lane, size_t b, struct record *record, run_fn *run)
{
	size_t ends = load_acquire(&lane->ends);

	if (b < TAIL(ends))
		b = TAIL(ends);
	while (b - TAIL(load_acquire(&lane->ends)) >= ROOM)
		spin_hint(); /* more than any kernel here needs */
	store_relaxed(&record->state, (size_t)run);
	store_relaxed(SLOT(lane, b), record);
	publish(lane, b + 1);
	wake_check();
	return b;
}

RIVAL_INLINE size_t
lane_spawn(struct lane *lane, size_t b, struct record *record, run_fn *run)
{
	if (!likely(b - load_acquire(&lane->limit) < ROOM))
		return spawn_slowly(lane, b, record, run);
	store_relaxed(&record->state, (size_t)run);
	store_relaxed(SLOT(lane, b), record);
	return b;
}

RIVAL_INLINE bool
lane_take(struct lane *lane, size_t at)
{
	return likely(at >= load_relaxed(&lane->limit));
}

/* Asked, or public: then the upper half of what is public becomes private, and from an
 * empty lane the next spawn is public. */
RIVAL_COLD bool
lane_settle(struct lane *lane, size_t at, size_t *b)
{
	for (;;) {
		size_t ends = load_acquire(&lane->ends);
		size_t tail = TAIL(ends), split = SPLIT(ends);

		if (tail > at) {
			store_relaxed(&lane->limit, ASKED);
			*b = tail;
			return false;
		}
		*b = at;
		if (split <= at) {
			publish(lane, at);
			return true;
		}
		if (cas_full(&lane->ends, ends, ENDS(tail, tail + (at - tail) / 2))) {
			store_relaxed(&lane->limit, at == tail ? ASKED : tail + (at - tail) / 2);
			return true;
		}
	}
}

static inline void
lane_left(struct lane *lane, size_t at, size_t *b)
{
	(void)lane_settle(lane, at, b);
}

RIVAL_COLD struct record *
lane_steal(struct lane *lane)
{
	size_t ends = load_acquire(&lane->ends);

	if (TAIL(ends) >= SPLIT(ends)) {
		if (load_relaxed(&lane->limit) != ASKED)
			store_relaxed(&lane->limit, ASKED);
		return NULL;
	}
	/* Read after the CAS: the owner may have taken it back, and made another one
	 * public at the same ends.  A stolen one's slot stays until its join. */
	if (!cas_full(&lane->ends, ends, ends + 1))
		return NULL;
	return load_relaxed(SLOT(lane, TAIL(ends)));
}
