#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Seeded faults: makes a copy of the source in which each fault can be switched
# on by name, builds the scenes on it, and wants each fault found.
#
#     mutants.sh [SCENE...]    only the faults that these scenes show
#
# A text that is not found exactly once in its file is an error: then the
# source has changed, and the fault must be written anew.
top=${top_srcdir:-.}
: "${CXX:=g++}"
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
status=0
fault() { echo "$*"; status=1; }

mkdir "$tmp/tree" || exit 99
cp -R "$top/src" "$top/include" "$tmp/tree" || exit 99
chmod -R u+w "$tmp/tree"

# occurrences FILE TEXT: how often the text is in it
occurrences() {
	text=$2 awk -v RS='\001' '{
		for (n = 0; (at = index($0, ENVIRON["text"])) > 0; n++)
			$0 = substr($0, at + length(ENVIRON["text"]))
		print n }' "$1"
}

# seed FILE OLD NEW: ON(name) in NEW asks whether the fault of that name is on
seed() {
	for copy in "$top/$1" "$tmp/tree/$1"; do
		found=$(occurrences "$copy" "$2")
		test "$found" = 1 || { fault "$copy has this $found times, not once: $2"; return; }
	done
	new=$(printf '%s\n' "$3" | sed 's/ON(\([a-z-]*\))/flc_mutant("\1")/g')
	old=$2 new=$new awk -v RS='\001' '{
		at = index($0, ENVIRON["old"])
		printf "%s%s%s", substr($0, 1, at - 1), ENVIRON["new"],
		    substr($0, at + length(ENVIRON["old"])) }' "$tmp/tree/$1" > "$tmp/new" &&
	    mv "$tmp/new" "$tmp/tree/$1"
}

# The mode in a word of its own, read by the thief before top.
forks=src/deque/fork_deque.c
seed include/filch/hot.h 'char pad1_[128 - sizeof(size_t)];' \
	'char pad1_[128 - sizeof(size_t)];
	filch_word_ own_mode;'
seed $forks 'flc_store_relaxed(&deque->claim, 0);' 'flc_store_relaxed(&deque->claim, 0);
	flc_store_relaxed(&deque->own_mode, fenced);'
seed $forks '(fenced ? FLC_FORK_DEQUE_FENCED : 0));
	flc' '(fenced && !ON(mode-not-in-top) ? FLC_FORK_DEQUE_FENCED : 0));
	flc'
seed $forks '*at = index;
	if (top & FLC_FORK_DEQUE_FENCED) {' '*at = index;
	if (ON(mode-not-in-top) ? own != 0 : top & FLC_FORK_DEQUE_FENCED) {'
seed $forks 'at, (top & FLC_FORK_DEQUE_FENCED) != 0);' \
	'at, ON(mode-not-in-top) ? flc_load_relaxed(&deque->own_mode) != 0 : (top & FLC_FORK_DEQUE_FENCED) != 0);'
seed $forks 'size_t top = flc_load_acquire(&deque->top);
	size_t index = flc_fork_deque_index(top);
	enum' 'size_t own = flc_load_acquire(&deque->own_mode);
	size_t top = flc_load_acquire(&deque->top);
	size_t index = flc_fork_deque_index(top);
	enum'
seed $forks 'for (;;) {
		size_t top = flc_load_relaxed(&deque->top);
		size_t index' 'if (ON(mode-not-in-top)) {
		flc_fence_full();
		flc_store_release(&deque->own_mode, fenced);
		return;
	}
	for (;;) {
		size_t top = flc_load_relaxed(&deque->top);
		size_t index'
seed $forks 'flc_fence_full();
		return steal' 'if (!ON(steal-no-fence)) flc_fence_full();
		return steal'
seed $forks 'if (!flc_fence_heavy()) {' \
	'if (!(ON(thief-ordinary-fence) ? (flc_fence_full(), true) : flc_fence_heavy() || ON(refused-and-stolen))) {'
# The request and its answer.
seed $forks 'if (flc_cas_full(&deque->top, top, index + 1 + (granted != 0)))' \
	'if (ON(answer-no-cas) ? (flc_store_release(&deque->top, index + 1 + (granted != 0)), true)
		    : flc_cas_full(&deque->top, top, index + 1 + (granted != 0)))'
seed $forks 'flc_cas_full(&deque->top, asked, top))' \
	'(ON(withdraw-no-cas) ? (flc_store_release(&deque->top, top), true)
	    : flc_cas_full(&deque->top, asked, top)))'
seed $forks 'flc_load_acquire(&deque->top) == asked; i++)' \
	'(ON(answer-relaxed) ? flc_load_relaxed(&deque->top) : flc_load_acquire(&deque->top)) == asked; i++)'
seed $forks 'if (flc_load_acquire(&deque->top) == asked && ' \
	'if ((ON(answer-relaxed) ? flc_load_relaxed(&deque->top) : flc_load_acquire(&deque->top)) == asked && '
seed $forks 'if (flc_load_acquire(&deque->top) == asked)
		(void)flc_yield_cpu();' 'if (!ON(answer-relaxed) && flc_load_acquire(&deque->top) == asked)
		(void)flc_yield_cpu();'
seed $forks 'return frame != NULL;' 'return ON(grant-any) || frame != NULL;'
seed $forks 'if (flc_cas_full(&deque->top, top, top + 1)) {' \
	'if (ON(last-no-cas) ? (flc_store_relaxed(&deque->top, top + 1), true)
		    : flc_cas_full(&deque->top, top, top + 1)) {'
seed $forks 'if (flc_load_acquire(&deque->bottom) <= index)' \
	'if ((ON(steal-bottom-relaxed) ? flc_load_relaxed(&deque->bottom)
	    : flc_load_acquire(&deque->bottom)) <= index)'
seed $forks 'leap != NULL && flc_load_acquire' 'leap != NULL && !ON(leap-no-reread) && flc_load_acquire'
seed $forks 'leap != NULL && index < leap->base' 'leap != NULL && !ON(leap-no-base) && index < leap->base'

rest=src/deque/range_rest.c
resth=src/deque/range_rest.h
seed $resth 'flc_store_release(&rest->fenced, fenced);' \
	'if (ON(rest-mode-relaxed)) flc_store_relaxed(&rest->fenced, fenced);
	else flc_store_release(&rest->fenced, fenced);'
seed $resth 'if (!fenced)
		flc_fence_full();' 'if (!fenced && !ON(rest-light-no-fence))
		flc_fence_full();'
seed $resth 'if (fenced)
		flc_fence_full();' 'if (fenced && !ON(rest-claim-no-fence))
		flc_fence_full();'
seed $rest 'flc_store_release(&rest->tag, tag);' \
	'if (ON(rest-open-relaxed)) flc_store_relaxed(&rest->tag, tag);
	else flc_store_release(&rest->tag, tag);'
seed $rest 'flc_fence_full();
	/* acquire' 'if (!ON(rest-take-no-fence)) flc_fence_full();
	/* acquire'
seed $rest 'flc_fence_heavy()) {' \
	'(ON(rest-ordinary-fence) ? (flc_fence_full(), true) : flc_fence_heavy() || ON(rest-refused-and-taken))) {'
seed $rest 'if (front == cut ||' 'if (ON(rest-no-second-look) || front == cut ||'
seed $rest 'return true;
	}
	flc_store_relaxed(&rest->back, back);' 'return true;
	}
	if (!ON(rest-back-not-put-back)) flc_store_relaxed(&rest->back, back);'
seed $rest 'flc_word_lock_acquire(&rest->lock);
	part->end' 'if (!ON(rest-close-no-lock)) flc_word_lock_acquire(&rest->lock);
	part->end'
seed $rest 'flc_store_relaxed(&rest->tag, 0);
	flc_word_lock_release(&rest->lock);' 'flc_store_relaxed(&rest->tag, 0);
	if (!ON(rest-close-no-lock)) flc_word_lock_release(&rest->lock);'
seed $rest 'flc_fence_full();
	if (loop->admit' 'if (!ON(rest-hidden-no-fence)) flc_fence_full();
	if (ON(rest-hidden-for-good)) return false;
	if (loop->admit'

fork=src/task/fork.c
seed $fork 'record->at = 0;
	run(' 'if (!ON(newer-keeps-index)) record->at = 0;
	run('

seed src/deque/fork_deque.h 'if (fenced)
		flc_fence_full();' 'if (fenced) {
		if (!ON(take-no-fence)) flc_fence_full(); }'

hot=include/filch/hot.h
seed $hot 'FILCH_LANE_CAPACITY_ - 1 + past;' 'FILCH_LANE_CAPACITY_ - 1 + past + ON(push-over-full);'
seed $hot 'FLC_HOT_STORE_RELEASE(&deque->bottom, b + 1);' \
	'if (ON(push-relaxed)) FLC_HOT_STORE(&deque->bottom, b + 1);
	else FLC_HOT_STORE_RELEASE(&deque->bottom, b + 1);'
seed $hot '& ~modes) <= at' '& ~modes) <= at + ON(takes-last)'

jobs=src/deque/job_deque.c
pop=src/deque/job_deque.h
seed $pop 'flc_fence_full();
	size_t top' 'if (!ON(job-pop-no-fence)) flc_fence_full();
	size_t top'
seed $jobs 'flc_fence_full();

	/* acquire' 'if (!ON(job-steal-no-fence)) flc_fence_full();

	/* acquire'
seed $pop 'ours = flc_cas_full(&deque->top, top, top + 1);' \
	'ours = ON(job-last-no-cas) ? (flc_store_relaxed(&deque->top, top + 1), true)
		    : flc_cas_full(&deque->top, top, top + 1);'
seed $pop 'flc_store_release(&deque->bottom, bottom + 1);
	return bottom;' 'if (ON(job-push-relaxed)) flc_store_relaxed(&deque->bottom, bottom + 1);
	else flc_store_release(&deque->bottom, bottom + 1);
	return bottom;'
seed $jobs 'flc_store_release(&deque->array, (size_t)larger);' \
	'if (ON(array-published-relaxed)) flc_store_relaxed(&deque->array, (size_t)larger);
	else flc_store_release(&deque->array, (size_t)larger);
	if (ON(old-array-freed) && array != NULL) {
		larger->older = array->older; array_free(deque->memory, array); }'
seed $jobs 'flc_load_acquire(&deque->array);

	/* Read before' \
	'(ON(array-read-relaxed) ? flc_load_relaxed(&deque->array) : flc_load_acquire(&deque->array));

	/* Read before'
seed $jobs 'size_t bottom = flc_load_acquire(&deque->bottom);' \
	'size_t bottom = ON(job-bottom-relaxed) ? flc_load_relaxed(&deque->bottom)
	    : flc_load_acquire(&deque->bottom);'
seed $jobs 'job->tag != tag)' '!ON(tag-ignored) && job->tag != tag)'

worker=src/sched/worker.c
seed $worker 'if (!flc_cas_full(&record->state, stolen, FLC_RECORD_DONE)) {
		flc_store_release(&record->state, FLC_RECORD_DONE);' \
	'if (ON(done-unlooked) ? (flc_store_release(&record->state, FLC_RECORD_DONE), false)
	    : !flc_cas_full(&record->state, stolen, FLC_RECORD_DONE)) {
		if (ON(done-relaxed)) flc_store_relaxed(&record->state, FLC_RECORD_DONE);
		else flc_store_release(&record->state, FLC_RECORD_DONE);'

wait=src/wait/task_wait.c
seed $wait 'if (!flc_cas_full(&record->state, state, waited_for))' \
	'if (ON(park-no-cas) ? (flc_store_relaxed(&record->state, waited_for), false)
	    : !flc_cas_full(&record->state, state, waited_for))'
seed $wait 'size_t state = flc_load_acquire(&record->state);' \
	'size_t state = ON(done-read-relaxed) ? flc_load_relaxed(&record->state)
		    : flc_load_acquire(&record->state);'
seed $wait 'if (flc_cas_full(pending, count, count | me))' \
	'if (ON(register-no-cas) ? (flc_store_relaxed(pending, count | me), true)
		    : flc_cas_full(pending, count, count | me))'
seed $wait 'if (flc_pending_waiter(count) != worker->index + 1
		    || flc_cas' 'if ((flc_pending_waiter(count) != worker->index + 1 && !ON(unregister-any))
		    || flc_cas'
seed src/wait/task_wait.h 'if (flc_pending_waiter(before) != 0)' \
	'if (ON(pending-after-end)) before = flc_load_relaxed(pending) + 1;
	if (flc_pending_waiter(before) != 0 && !ON(end-no-wake))'
seed $wait 'if (flc_pending_count(flc_load_acquire(pending)) == 0)
		return FILCH_OK;' 'if (flc_pending_count(ON(count-read-relaxed) ? flc_load_relaxed(pending)
	    : flc_load_acquire(pending)) == 0)
		return FILCH_OK;'

park=src/base/park.c
seed $park 'if (flc_load_relaxed(&parker->word) != PARK_NOTIFIED)
		flc_store_relaxed' 'if (ON(kept-wake-dropped) || flc_load_relaxed(&parker->word) != PARK_NOTIFIED)
		flc_store_relaxed'
seed $park 'flc_lock_acquire(&parker->lock);
	slept =' 'if (!ON(wake-no-lock)) flc_lock_acquire(&parker->lock);
	slept ='
seed $park 'flc_lock_release(&parker->lock);
	return slept;' 'if (!ON(wake-no-lock)) flc_lock_release(&parker->lock);
	return slept;'

idle=src/sched/idle.c
seed $idle 'if (alone)
		flc_fence_full();
	else
		(void)flc_fence_heavy();' 'if (alone) flc_fence_full();
	else if (ON(sleeper-ordinary-fence)) flc_fence_full();
	else if (!ON(sleeper-no-fence)) (void)flc_fence_heavy();'
seed $idle 'if (should_rise(worker)) {' 'if (!ON(no-last-look) && should_rise(worker)) {'
publish=src/sched/publish.c
seed $publish '(void)flc_fence_heavy();
	flc_worker_after_leaving' 'if (!ON(search-no-fence)) (void)flc_fence_heavy();
	flc_worker_after_leaving'
seed $publish 'flc_sleep_not_started(&pool->sleep);
	return false;' 'flc_sleep_not_started(&pool->sleep);
	return ON(refused-no-retry);'

sleep=src/sched/sleep.c
seed $sleep 'if (flc_load_acquire(&sleep->closing))' 'if (!ON(no-closing-test) && flc_load_acquire(&sleep->closing))'
seed $sleep 'if (!flc_load_acquire(&me->asleep))
			return' 'if (!ON(no-asleep-test) && !flc_load_acquire(&me->asleep))
			return'
seed $sleep 'if (!wake_wanted(sleep, counts))
		return FLC_LEAVE_NOTHING;
	if (is_alone' 'if (ON(search-no-look) || !wake_wanted(sleep, counts))
		return FLC_LEAVE_NOTHING;
	if (is_alone'
seed $sleep 'flc_fence_full();
		return FLC_LEAVE_LOOK;' 'if (!ON(alone-found-no-fence)) flc_fence_full();
		return ON(alone-found-no-look) ? FLC_LEAVE_NOTHING : FLC_LEAVE_LOOK;'
seed src/sched/sleep_counts.h 'return active(counts) == own && ' 'return ON(always-alone) || active(counts) == own && '
seed $sleep 'flc_fence_full();
	if (!wake_wanted(sleep, counts))
		return FLC_LEAVE_NOTHING;
	if (active' 'if (!ON(leave-no-fence)) flc_fence_full();
	if (ON(leave-no-look) || !wake_wanted(sleep, counts))
		return FLC_LEAVE_NOTHING;
	if (active'
seed $sleep 'if (active(counts) == 0)
		return FLC_LEAVE_LOOK;' 'if (active(counts) == 0)
		return ON(last-leave-no-look) ? FLC_LEAVE_NOTHING : FLC_LEAVE_LOOK;'
seed $sleep '|| stop_watching(sleep, me))' '|| (stop_watching(sleep, me) && !ON(watcher-no-last-look)))'
seed $sleep 'flc_fence_full();
	return stopped;' 'if (!ON(watcher-no-fence)) flc_fence_full();
	return stopped;'
wake=src/sched/wake.c
seed $wake 'flc_word_lock_acquire(&sleep->lock);
	counts =' 'if (!ON(choose-no-lock)) flc_word_lock_acquire(&sleep->lock);
	counts ='
seed $wake 'flc_word_lock_release(&sleep->lock);
	return chosen;
}

void' 'if (!ON(choose-no-lock)) flc_word_lock_release(&sleep->lock);
	return chosen;
}

void'

header=src/sched/publish.h
seed $header 'else
		flc_fence_full();' 'else if (!ON(spawner-no-fence))
		flc_fence_full();'
seed $header 'flc_worker_publish();
	if ((flc_load' 'if (ON(look-before-fence) && (flc_load_relaxed(top) & FLC_FORK_DEQUE_INDEX) < at) return;
	flc_worker_publish();
	if ((flc_load'
seed $header 'flc_fence_full();
	flc_worker_wake' 'if (!ON(injector-no-fence)) flc_fence_full();
	flc_worker_wake'
parking_lot=src/sync/parking_lot.c
seed $parking_lot 'flc_fence_full();
	else if (!flc_fence_heavy())' 'flc_fence_full();
	else if (ON(lock-park-ordinary-fence)) flc_fence_full();
	else if (!ON(lock-park-no-fence) && !flc_fence_heavy())'
seed $parking_lot 'if (!how->once && how->ready(how->context)) {' \
	'if (!ON(lock-park-no-look) && !how->once && how->ready(how->context)) {'
seed $parking_lot 'if (!take_out(queue, node)) {
		flc_waiter_finish(&node->waiter);
		return' 'if (!take_out(queue, node)) {
		if (!ON(lock-wake-not-taken)) flc_waiter_finish(&node->waiter);
		if (ON(lock-wake-eaten)) return OUT_OF_TIME;
		return'
mutex=src/sync/mutex.c
seed $mutex 'flc_store_release(word_of(mutex), 0);' \
	'if (ON(unlock-relaxed)) flc_store_relaxed(word_of(mutex), 0);
	else flc_store_release(word_of(mutex), 0);'
seed $mutex 'flc_fence_full();
	flc_lot_wake' 'if (!ON(unlock-no-fence)) flc_fence_full();
	flc_lot_wake'
seed $mutex 'flc_lot_has_waiters(mutex)))' \
	'(!ON(unlock-no-look) && flc_lot_has_waiters(mutex))))'
seed $mutex 'return flc_load_relaxed(word_of(mutex)) == 0
	    && flc_cas_full(word_of(mutex), 0, flc_thread_claim());' \
	'if (ON(lock-no-cas) && flc_load_acquire(word_of(mutex)) == 0) {
		flc_store_release(word_of(mutex), flc_thread_claim());
		return true;
	}
	return flc_load_relaxed(word_of(mutex)) == 0
	    && flc_cas_full(word_of(mutex), 0, flc_thread_claim());'

seed src/channel/wait.h 'else
		flc_fence_full();
}' 'else if (!ON(tell-no-fence))
		flc_fence_full();
}'

channel_wait=src/channel/wait.c
seed $channel_wait 'if (flc_cas_full(&arm->call->claimed, 0, arm->index + 1)) {' \
	'if (ON(claim-no-cas) ? flc_load_relaxed(&arm->call->claimed) == 0
		    && (flc_store_relaxed(&arm->call->claimed, arm->index + 1), true)
		    : flc_cas_full(&arm->call->claimed, 0, arm->index + 1)) {'
seed $channel_wait 'if (flc_load_relaxed(&ch->waiting[side]) != 0 && !ch->kind' \
	'if (!ON(no-pass-on) && flc_load_relaxed(&ch->waiting[side]) != 0 && !ch->kind'
seed $channel_wait 'flc_fence_heavy_or_wait();' 'if (!ON(waiter-no-fence)) flc_fence_heavy_or_wait();'
seed $channel_wait 'if (look_again(arms, n))' 'if (!ON(waiter-no-look) && look_again(arms, n))'
seed $channel_wait '!flc_cas_full(&call.claimed, 0, FLC_CLAIMED_SELF)' \
	'!(ON(leave-no-claim) || flc_cas_full(&call.claimed, 0, FLC_CLAIMED_SELF))'

mpmc=src/channel/mpmc_ring
seed $mpmc.c 'flc_store_release(flc_slot_stamp(ch, index), tail + 2 * i + 1);' \
	'if (ON(slot-relaxed)) flc_store_relaxed(flc_slot_stamp(ch, index), tail + 2 * i + 1);
		else flc_store_release(flc_slot_stamp(ch, index), tail + 2 * i + 1);'
seed $mpmc.h 'flc_store_release(flc_slot_stamp(ch, index), tail + 1);' \
	'if (ON(one-slot-relaxed)) flc_store_relaxed(flc_slot_stamp(ch, index), tail + 1);
	else flc_store_release(flc_slot_stamp(ch, index), tail + 1);'
seed $mpmc.h 'flc_store_release(flc_slot_stamp(ch, index), head + 2 * ch->capacity);' \
	'if (ON(one-room-relaxed)) flc_store_relaxed(flc_slot_stamp(ch, index), head + 2 * ch->capacity);
	else flc_store_release(flc_slot_stamp(ch, index), head + 2 * ch->capacity);'
seed $mpmc.c 'flc_store_relaxed(&ch->closed, FLC_CLOSED);
			return FILCH_CLOSED;' \
	'if (!ON(refused-untold)) flc_store_relaxed(&ch->closed, FLC_CLOSED);
			return FILCH_CLOSED;'
seed $mpmc.c '&& flc_load_acquire(&ch->tail) == (head | FLC_RING_CLOSED);' \
	'&& (ON(closed-too-early) || flc_load_acquire(&ch->tail) == (head | FLC_RING_CLOSED));'

spsc=src/channel/spsc_ring
seed $spsc.c 'if (flc_load_acquire(&ch->sending) != 0)' \
	'if (!ON(sending-ignored) && flc_load_acquire(&ch->sending) != 0)'
seed $spsc.h 'flc_store_release(&ch->tail, tail + 1);' \
	'if (ON(one-tail-relaxed)) flc_store_relaxed(&ch->tail, tail + 1);
		else flc_store_release(&ch->tail, tail + 1);'
seed $spsc.h 'flc_store_release(&ch->head, head + 1);' \
	'if (ON(one-head-relaxed)) flc_store_relaxed(&ch->head, head + 1);
	else flc_store_release(&ch->head, head + 1);'
seed $spsc.h 'flc_store_relaxed(&ch->sending, 1);
	/* store-load [channel.sending]: as' 'if (!ON(one-not-sending)) flc_store_relaxed(&ch->sending, 1);
	/* store-load [channel.sending]: as'
seed $spsc.c 'if (closed == FLC_CLOSING)' 'if (closed == FLC_CLOSING && !ON(closer-no-fence))'
seed $spsc.c 'flc_fence_heavy_or_wait();
	/* Full' 'if (!ON(closer-no-fence)) flc_fence_heavy_or_wait();
	/* Full'
seed $spsc.c 'else
		flc_fence_full();' 'else if (!ON(spsc-no-fence))
		flc_fence_full();'

rounds=src/task/group_rounds.h
seed $rounds 'if (flc_pending_count(pending) == 0 && flc_group_pool' \
	'if (ON(group-pool-cleared)) {
		flc_store_relaxed(&group->pool_, flc_group_round(pending));
		return;
	}
	if (flc_pending_count(pending) == 0 && flc_group_pool'
seed $rounds '(void)flc_cas_full(flc_group_pending(group), pending, pending ^ FLC_PENDING_MARK);' \
	'if (ON(group-round-no-cas))
			flc_store_release(flc_group_pending(group), pending ^ FLC_PENDING_MARK);
		else (void)flc_cas_full(flc_group_pending(group), pending, pending ^ FLC_PENDING_MARK);'
wait=src/task/group_wait.c
seed $wait 'if (flc_load_relaxed(flc_group_failed_at(group)) == 0)
		return FILCH_OK;
	flc_static_lock_acquire(&flc_group_failures);' 'if (!ON(group-failure-reset) && flc_load_relaxed(flc_group_failed_at(group)) == 0)
		return FILCH_OK;
	if (ON(group-failure-reset) && flc_load_relaxed(flc_group_failed_at(group)) == 0) {
		for (int i = 0; i < 60; i++)
			flc_model_yield();
		flc_store_relaxed(flc_group_failed_at(group), 0);
		return FILCH_OK;
	}
	flc_static_lock_acquire(&flc_group_failures);'
seed $wait '	else
		(void)flc_group_end_bias(worker, wait->group, 0);' \
	'	else if (!ON(group-waits-biased))
		(void)flc_group_end_bias(worker, wait->group, 0);'
seed $wait 'else if (!flc_job_deque_newest_bears(' 'else if (!ON(group-waits-biased) && !flc_job_deque_newest_bears('
count=src/task/group_count.c
seed $count 'flc_fence_heavy_or_wait();' \
	'if (!ON(group-revoke-no-fence)) flc_fence_heavy_or_wait();'
seed $count 'return (own & FLC_OWN_TAKEN) != 0;' \
	'return ON(group-always-taken) || (!ON(group-never-taken) && (own & FLC_OWN_TAKEN) != 0);'
seed $count '} while (!flc_cas_full(flc_group_pending(group), before, after));' \
	'} while (ON(group-end-no-cas) ? (flc_store_release(flc_group_pending(group), after), false)
	    : !flc_cas_full(flc_group_pending(group), before, after));'
seed src/task/group_count.h 'return !flc_group_is_revoked(flc_load_acquire(flc_group_pending(group)));' \
	'return ON(group-own-no-look)
	    || !flc_group_is_revoked(flc_load_acquire(flc_group_pending(group)));'
seed src/task/group_count.h 'flc_store_release(flc_group_own(group), own + 1);
' 'if (!ON(group-own-late))
		flc_store_release(flc_group_own(group), own + 1);
	else if (!flc_group_is_revoked(flc_load_acquire(flc_group_pending(group)))) {
		flc_model_yield();
		flc_store_release(flc_group_own(group), own + 1);
		return true;
	}
'
seed src/task/group_spawn.c 'pending = flc_add_full(flc_group_pending(group), 1);
	if (FLC_UNLIKELY(!is_in_round(group, pending, pool)))' \
	'if (ON(group-pool-first)) {
		for (int i = 0; i < 60; i++)
			flc_model_yield();
		flc_add_full(flc_group_pending(group), 1);
	} else
	pending = flc_add_full(flc_group_pending(group), 1);
	if (!ON(group-pool-first) && FLC_UNLIKELY(!is_in_round(group, pending, pool)))'
test $status -eq 0 || exit 1

# mutant NAME SCENE MODE N SUITE: the suite must fail with the fault switched on
mutant() {
	case " $scenes " in
	*" $2 "*) ;;
	*) return ;;
	esac
	if test ! -x "$tmp/$2"; then
		# shellcheck disable=SC2086 # flags
		$CXX -std=gnu++11 -O1 -w -DFLC_MODEL -I"$top/tests/model" -I"$tmp/tree/src" \
		    -I"$tmp/tree/include" "$top/tests/model/$2.cpp" -o "$tmp/$2" || exit 1
		"$tmp/$2" rand 200 > "$tmp/out" || { cat "$tmp/out"; fault "$2 fails without a fault"; }
	fi
	if MODEL_MUTANT=$1 timeout 300 "$tmp/$2" "$3" "$4" "$5" > "$tmp/out"; then
		fault "$(printf '%-24s %-18s NOT FOUND' "$1" "$5")"
		cat "$tmp/out"
	else
		printf '%-24s %-18s %s\n' "$1" "$5" "$(sed 's/^[^ ]* //' "$tmp/out" | tail -n 1)"
	fi
}

scenes=${*:-fork_deque job_deque range_rest fork_deque_leap fork sleep group mutex channel}
mutant take-no-fence           fork_deque      rand 200000 fenced
mutant steal-no-fence          fork_deque      rand 200000 fenced
mutant thief-ordinary-fence    fork_deque      rand 200000 unfenced
mutant last-no-cas             fork_deque      rand 200000 last-fenced
mutant push-relaxed            fork_deque      rand 200000 unfenced
mutant mode-not-in-top         fork_deque      rand 200000 to-unfenced
mutant refused-and-stolen      fork_deque      rand 200000 refused
mutant answer-no-cas           fork_deque      rand 200000 asked
mutant withdraw-no-cas         fork_deque      rand 200000 asked
mutant answer-relaxed          fork_deque      rand 200000 asked
mutant grant-any               fork_deque_leap rand 200000 leap-asked
mutant steal-bottom-relaxed    fork_deque      rand 200000 fenced
mutant push-over-full          fork_deque      rand 200000 reuse
mutant push-relaxed            fork_deque      rand 200000 hot
mutant push-relaxed            fork_deque      rand 200000 fast
mutant takes-last              fork_deque      rand 200000 hot
mutant takes-last              fork_deque      rand 200000 fast
mutant leap-no-reread          fork_deque_leap bound 3 leap
mutant leap-no-base            fork_deque_leap rand 200000 below
mutant rest-mode-relaxed       range_rest      rand 200000 light
mutant rest-light-no-fence     range_rest      rand 200000 light
mutant rest-claim-no-fence     range_rest      rand 200000 fenced
mutant rest-open-relaxed       range_rest      rand 200000 light
mutant rest-take-no-fence      range_rest      rand 200000 fenced
mutant rest-ordinary-fence     range_rest      rand 200000 light
mutant rest-refused-and-taken  range_rest      rand 200000 refused
mutant rest-no-second-look     range_rest      rand 200000 light
mutant rest-back-not-put-back  range_rest      rand 200000 light
mutant rest-close-no-lock      range_rest      rand 200000 light
mutant rest-hidden-no-fence    range_rest      rand 200000 limited
mutant rest-hidden-for-good    range_rest      rand 200000 limited
mutant job-pop-no-fence        job_deque       rand 200000 steady
mutant job-steal-no-fence      job_deque       rand 200000 steady
mutant job-last-no-cas         job_deque       rand 200000 steady
mutant job-push-relaxed        job_deque       rand 200000 steady
mutant job-bottom-relaxed      job_deque       rand 200000 steady
mutant array-published-relaxed job_deque       rand 200000 growing
mutant array-read-relaxed      job_deque       rand 200000 growing
mutant old-array-freed         job_deque       rand 200000 growing
mutant tag-ignored             job_deque       rand 200000 tagged
mutant take-no-fence           fork            rand 500000 nested-fenced
mutant takes-last              fork            rand 200000 nested-fenced
mutant push-relaxed            fork            rand 200000 nested-slow
mutant newer-keeps-index       fork            rand 200000 indexed
mutant done-unlooked           fork            rand 200000 hand-over
mutant done-relaxed            fork            rand 200000 woken
mutant park-no-cas             fork            rand 200000 hand-over
mutant done-read-relaxed       fork            rand 200000 hand-over
mutant register-no-cas         fork            rand 200000 pending
mutant unregister-any          fork            rand 200000 impatient
mutant end-no-wake             fork            rand 200000 pending
mutant kept-wake-dropped       fork            rand 200000 pending
mutant wake-no-lock            fork            rand 200000 pending
mutant sleeper-no-fence        sleep           rand 500000 one-by-one
mutant sleeper-ordinary-fence  sleep           rand 500000 one-by-one
mutant no-last-look            sleep           rand 200000 one-by-one
mutant spawner-no-fence        sleep           rand 500000 one-by-one-fenced
mutant look-before-fence       sleep           rand 500000 both-fenced
mutant search-no-fence         sleep           rand 500000 both
mutant search-no-look          sleep           rand 200000 both
mutant alone-found-no-fence    sleep           rand 500000 injected
mutant alone-found-no-look     sleep           rand 200000 injected
mutant always-alone            sleep           rand 500000 both
mutant no-closing-test         sleep           rand 200000 closing
mutant no-asleep-test          sleep           rand 200000 one-by-one
mutant choose-no-lock          sleep           rand 200000 both
mutant leave-no-look           sleep           rand 200000 guest-leaves
mutant last-leave-no-look      sleep           rand 200000 guest-leaves
mutant leave-no-fence          sleep           rand 500000 guest-leaves
mutant injector-no-fence       sleep           rand 500000 guest-leaves
mutant group-pool-cleared      group           rand 200000 beside
mutant group-pool-first        group           rand 200000 beside
mutant group-round-no-cas      group           rand 200000 beside
mutant group-failure-reset     group           rand 200000 beside-failing
mutant group-waits-biased      group           rand 200000 rounds
mutant group-revoke-no-fence   group           rand 200000 revoked
mutant group-always-taken      group           rand 200000 revoked
mutant group-never-taken       group           rand 200000 revoked
mutant group-end-no-cas        group           rand 200000 both
mutant group-own-no-look       group           rand 200000 revoked
mutant group-own-late          group           rand 200000 revoked
mutant lock-park-no-fence      mutex           rand 200000 two
mutant lock-park-ordinary-fence mutex           rand 200000 two
mutant lock-park-no-look       mutex           rand 200000 two
mutant lock-wake-not-taken     mutex           rand 200000 impatient
mutant lock-wake-eaten         mutex           rand 200000 impatient
mutant lock-no-cas             mutex           rand 200000 two-twice
mutant unlock-relaxed          mutex           rand 200000 two
mutant unlock-no-fence         mutex           rand 200000 two-fenced
mutant unlock-no-look          mutex           rand 200000 two
mutant tell-no-fence           channel         rand 200000 mpmc-fenced
mutant waiter-no-fence         channel         rand 200000 mpmc
mutant waiter-no-look          channel         rand 200000 mpmc
mutant no-pass-on              channel         rand 200000 batch
mutant claim-no-cas            channel         rand 200000 select-rendezvous
mutant leave-no-claim          channel         rand 200000 select-rendezvous
mutant slot-relaxed            channel         rand 200000 mpmc
mutant one-slot-relaxed        channel         rand 200000 mpmc
mutant one-room-relaxed        channel         rand 200000 mpmc
mutant one-tail-relaxed        channel         rand 200000 spsc
mutant one-head-relaxed        channel         rand 200000 spsc
mutant one-not-sending         channel         rand 200000 close-spsc
mutant closed-too-early        channel         rand 200000 close-mpmc
mutant refused-untold          channel         rand 200000 refused-mpmc
mutant sending-ignored         channel         rand 200000 close-spsc
mutant closer-no-fence         channel         rand 500000 close-spsc
mutant spsc-no-fence           channel         rand 500000 close-spsc-fenced
exit $status
