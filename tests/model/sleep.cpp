/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Search and sleep: work that lies anywhere is found by whoever may run it.  Time stands
 * still where nothing relies on the watcher, so that a lost wake is a deadlock.
 */
#include "world.hpp"

/* A place where `wanted` threads meet; who comes early blocks. */
struct meeting {
	flc_lock lock;
	flc_cond all_here;
	rl::var<int> wanted;

	void begin(int n) { wanted($).store(n); }

	void
	come()
	{
		lock.lock($);
		wanted($).store(wanted($).load() - 1);
		if (wanted($).load() == 0)
			all_here.notify_all($);
		while (wanted($).load() > 0)
			all_here.wait(lock, false, $);
		lock.unlock($);
	}
};

static struct meeting *model_meeting;

/* Its first word says which meeting. */
static void
meet_job(struct flc_worker *worker, const struct flc_job *job)
{
	(void)worker;
	model_meeting[job->word[0]].come();
}

static void
meet_record(filch_fork_deque_ *deque, size_t b, filch_record_ *record)
{
	(void)deque;
	(void)b;
	(void)record;
	model_meeting[0].come();
}

/* Slot 0 is a guest or another outside thread, the rest are workers. */
template <class Scene, int THREADS> struct pool_scene : world<Scene, THREADS> {
	struct meeting meeting[2];

	void
	open(size_t limit, size_t first_worker, int meet, bool asymmetric = true)
	{
		this->begin(limit, asymmetric);
		model_meeting = meeting;
		meeting[0].begin(meet);
		meeting[1].begin(meet);
		for (size_t i = first_worker; i < THREADS; i++)
			this->begin_worker(i);
	}

	void
	enter(size_t i)
	{
		flc_sleep_enter(&this->pool.sleep, &this->worker(i)->sleeper, FLC_NO_CPU);
	}

	/* As flc_guest_leave(). */
	void
	leave(size_t i)
	{
		flc_worker_after_leaving(NULL, &this->pool,
		    flc_sleep_leave(&this->pool.sleep, &this->worker(i)->sleeper));
	}

	/* As a group's spawn by a worker. */
	void
	spawn(size_t i, size_t meet = 0)
	{
		struct flc_worker *me = this->worker(i);
		struct flc_job job = { meet_job, 1 };

		job.word[0] = meet;

		flc_worker_published(me, &me->jobs.top, flc_job_deque_push(&me->jobs, &job));
	}

	/* As a spawn or a call from outside. */
	void
	inject()
	{
		struct flc_job job = { meet_job, 1 };

		RL_ASSERT(flc_injector_put(&this->pool.injector, &job));
		flc_worker_injected(&this->pool, NULL);
	}

	void
	after()
	{
		RL_ASSERT(!flc_pool_has_work(&this->pool));
		this->end();
	}
};

/* A guest spawns one job after the other; each meets it on a worker. */
template <bool ASYMMETRIC, int WORKERS>
struct one_by_one : pool_scene<one_by_one<ASYMMETRIC, WORKERS>, 1 + WORKERS> {
	void
	before()
	{
		this->open(1 + WORKERS, 1, 2, ASYMMETRIC);
		this->enter(0);
	}

	void
	thread(unsigned i)
	{
		if (i > 0) {
			this->work(i);
			return;
		}
		this->spawn(0);
		this->meeting[0].come();
		this->spawn(0, 1);
		this->meeting[1].come();
		flc_sleep_close(&this->pool.sleep);
	}
};

/* A guest forks; the record is found in the other deque. */
template <bool ASYMMETRIC>
struct forked : pool_scene<forked<ASYMMETRIC>, 2> {
	filch_record_ record;

	void
	before()
	{
		this->open(2, 1, 2, ASYMMETRIC);
		this->enter(0);
	}

	void
	thread(unsigned i)
	{
		if (i > 0) {
			this->work(i);
			return;
		}
		flc_fork(this->worker(0), &record, meet_record);
		this->meeting[0].come();
		RL_ASSERT(!flc_fork_join(this->worker(0), &record));
		flc_sleep_close(&this->pool.sleep);
	}
};

/* Two jobs that wait for each other: whoever searches keeps the spawner from waking a
 * second one, and so must look around when it has found one. */
template <bool ASYMMETRIC>
struct both : pool_scene<both<ASYMMETRIC>, 3> {
	void
	before()
	{
		this->open(3, 1, 3, ASYMMETRIC);
		this->enter(0);
	}

	void
	thread(unsigned i)
	{
		if (i > 0) {
			this->work(i);
			return;
		}
		this->spawn(0);
		this->spawn(0);
		this->meeting[0].come();
		flc_sleep_close(&this->pool.sleep);
	}
};

FLC_COLD size_t
filch_hot_spawn_(filch_fork_deque_ *deque, filch_record_ *record, filch_record_fn_ *run)
{
	flc_fork(flc_worker_of(deque), record, run);
	return record->at;
}

/* The same with forks, the second by the inlined fast path, which may miss a wake and
 * then relies on the watcher: time passes. */
struct both_forked : pool_scene<both_forked, 3> {
	filch_record_ record[2];

	void
	before()
	{
		this->open(3, 1, 3);
		model_time_passes = true;
		this->enter(0);
	}

	void
	thread(unsigned i)
	{
		if (i > 0) {
			this->work(i);
			return;
		}
		filch_fork_deque_ *deque = &this->worker(0)->forks;
		size_t b = flc_load_relaxed(&deque->bottom);

		record[0].at = flc_hot_spawn_(deque, b, &record[0], meet_record);
		record[1].at = flc_hot_spawn_(deque, record[0].at + 1, &record[1], meet_record);
		this->meeting[0].come();
		RL_ASSERT(!flc_fork_join(this->worker(0), &record[1]));
		RL_ASSERT(!flc_fork_join(this->worker(0), &record[0]));
		flc_sleep_close(&this->pool.sleep);
	}
};

/* Two jobs from outside that wait for each other.  A worker that searches keeps the
 * second from waking anybody, and so must look when it has the first: alone, and behind a
 * fence that is only its own. */
struct injected : pool_scene<injected, 3> {
	void
	before()
	{
		this->open(2, 1, 3);
	}

	void
	thread(unsigned i)
	{
		if (i > 0) {
			this->work(i);
			return;
		}
		this->inject();
		this->inject();
		this->meeting[0].come();
		flc_sleep_close(&this->pool.sleep);
	}
};

/* One job from outside, while the only worker falls asleep: by such a fence, too. */
struct injected_once : pool_scene<injected_once, 2> {
	void
	before()
	{
		this->open(2, 1, 2);
	}

	void
	thread(unsigned i)
	{
		if (i > 0) {
			this->work(i);
			return;
		}
		this->inject();
		this->meeting[0].come();
		flc_sleep_close(&this->pool.sleep);
	}
};

/* The limit is one: what is injected while a guest works is found by a worker when the
 * guest leaves. */
struct guest_leaves : pool_scene<guest_leaves, 3> {
	void
	before()
	{
		this->open(1, 2, 2);
		model_time_passes = true;
		this->enter(0);
	}

	void
	thread(unsigned i)
	{
		if (i == 0) {
			this->leave(0);
		} else if (i == 1) {
			this->inject();
			this->meeting[0].come();
			flc_sleep_close(&this->pool.sleep);
		} else {
			this->work(i);
		}
	}
};

/* A guest that waits parked gives its place up, and takes it back: with the limit at one,
 * a worker must run what it waits for. */
struct gives_up : pool_scene<gives_up, 2> {
	flc_atomic pending;

	void
	before()
	{
		open(1, 1, 1);
		model_time_passes = true;
		enter(0);
		flc_store_relaxed(&pending, 1);
	}

	static void
	end_job(struct flc_worker *worker, const struct flc_job *job)
	{
		flc_pending_end((flc_atomic *)job->object, worker->pool);
	}

	void
	thread(unsigned i)
	{
		if (i > 0) {
			work(i);
			return;
		}
		struct flc_waiting how = { 2, false, false, FILCH_FOREVER, NULL, NULL };
		struct flc_job job = { end_job, 1 };
		struct flc_worker *me = worker(0);

		job.object = &pending;
		flc_worker_published(me, &me->jobs.top, flc_job_deque_push(&me->jobs, &job));
		RL_ASSERT(flc_wait_pending(me, &pending, &how) == FILCH_OK);
		flc_sleep_close(&pool.sleep);
	}
};

/* A spare counts as asleep, but its thread cannot be started: the worker that falls
 * asleep meanwhile must be woken all the same. */
struct refused : pool_scene<refused, 3> {
	void
	before()
	{
		open(4, 2, 2);
		flc_sleep_add_unstarted(&pool.sleep, 1);
		enter(0);
		enter(1);
	}

	void
	thread(unsigned i)
	{
		if (i == 2) {
			work(i);
		} else if (i == 1) {
			flc_worker_wake(worker(1), &pool);
		} else {
			spawn(0);
			meeting[0].come();
			flc_sleep_close(&pool.sleep);
		}
	}
};

/* Nothing to do: the pool ends all the same. */
template <int WORKERS> struct closing : pool_scene<closing<WORKERS>, 1 + WORKERS> {
	void before() { this->open(WORKERS, 1, 1); }

	void
	thread(unsigned i)
	{
		if (i > 0)
			this->work(i);
		else
			flc_sleep_close(&this->pool.sleep);
	}
};

int
main(int argc, char **argv)
{
	scene s = scene_of(argc, argv);

	play<closing<1> >(s, "closing");
	play<one_by_one<true, 1> >(s, "one-by-one", 100, 1);
	play<one_by_one<false, 1> >(s, "one-by-one-fenced", 100, 1);
	play<forked<true> >(s, "forked", 50, 1);
	play<forked<false> >(s, "forked-fenced", 50, 1);
	play<both<true> >(s, "both", 100, 0);
	play<both<false> >(s, "both-fenced", 100, 0);
	play<both_forked>(s, "both-forked", 50, 0);
	play<guest_leaves>(s, "guest-leaves", 100, 0);
	play<injected>(s, "injected", 100, 0);
	play<injected_once>(s, "injected-once", 100, 1);
	play<gives_up>(s, "gives-up", 50, 0);
	play<refused>(s, "refused", 100, 0);
	play<one_by_one<true, 2> >(s, "one-by-one-2", 50, 0);
	play<closing<2> >(s, "closing-2", 50, 0);
	return s.status;
}
