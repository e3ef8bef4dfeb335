/* SPDX-License-Identifier: BSD-2-Clause */
/* The default pool, and which pool a verb runs on. */
#include "pool/default_pool.h"

#include "base/static_lock.h"
#include "pool/describe.h"
#include "pool/pool.h"
#include "sched/guest.h"
#include "sched/worker.h"

static struct flc_static_lock default_lock = FLC_STATIC_LOCK_INIT;
static flc_atomic default_pool;

/* A parent's is left alone. */
FLC_HOT filch_pool *
flc_pool_living_default(void)
{
	/* acquire [default.pool]: the pool comes with the pointer. */
	filch_pool *pool = (filch_pool *)flc_load_acquire(&default_pool);

	return pool == NULL || flc_pool_is_old(pool) ? NULL : pool;
}

static filch_pool *
make_default(int *status)
{
	filch_pool *pool;
	bool made = false;

	flc_static_lock_acquire(&default_lock);
	pool = flc_pool_living_default();
	if (pool == NULL) {
		*status = flc_pool_make(&pool, NULL, true);
		made = *status == FILCH_OK;
		/* release [default.pool]: the pool, before the pointer. */
		if (made)
			flc_store_release(&default_pool, (size_t)pool);
	}
	flc_static_lock_release(&default_lock);
	if (made && flc_config_display())
		flc_pool_show(pool);
	return pool;
}

filch_pool *
flc_pool_choose(filch_pool *option, int *status)
{
	struct flc_worker *worker;
	filch_pool *pool = option;

	if (pool == NULL) {
		worker = flc_self();
		pool = worker != NULL ? worker->pool : flc_pool_living_default();
	}
	if (FLC_UNLIKELY(pool == NULL))
		return make_default(status);
	if (FLC_UNLIKELY(flc_pool_is_old(pool))) {
		*status = FILCH_FORKED;
		return NULL;
	}
	return pool;
}

filch_pool *
filch_pool_default(void)
{
	int status = FILCH_OK;
	filch_pool *pool = flc_pool_living_default();

	return pool != NULL ? pool : make_default(&status);
}

filch_pool *
filch_pool_current(void)
{
	struct flc_worker *worker = flc_self_entered();

	return worker == NULL ? NULL : worker->pool;
}

int
filch_pool_destroy(filch_pool *pool)
{
	return pool == NULL ? FILCH_OK : flc_pool_end(pool);
}

int
filch_pool_destroy_default(void)
{
	int status = FILCH_OK;
	filch_pool *pool;

	/* Not under the lock: it may be held by the thread that ends the pool and waits
	 * for us. */
	pool = flc_pool_living_default();
	if (pool != NULL && flc_pool_is_entered(pool))
		return FILCH_BUSY;
	flc_static_lock_acquire(&default_lock);
	pool = flc_pool_living_default();
	if (pool != NULL) {
		status = flc_pool_end(pool);
		if (status == FILCH_OK)
			flc_store_release(&default_pool, 0);
	}
	flc_static_lock_release(&default_lock);
	return status;
}

size_t
filch_worker_index(void)
{
	struct flc_worker *worker = flc_self_entered();

	return worker == NULL ? FILCH_NOT_A_WORKER : worker->index;
}

size_t
filch_worker_limit(filch_pool *pool)
{
	int status = FILCH_OK;

	pool = flc_pool_choose(pool, &status);
	return pool == NULL ? 0 : pool->slots;
}
