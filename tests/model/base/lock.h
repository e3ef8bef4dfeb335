/* SPDX-License-Identifier: BSD-2-Clause */
/* The lock of one word, as Relacy's mutex: nobody of the model sleeps in a futex. */
#ifndef FLC_LOCK_H
#define FLC_LOCK_H

struct flc_word_lock {
	rl::mutex mutex;
};

#define flc_word_lock_init(l) ((void)(l))
#define flc_word_lock_acquire(l) ((l)->mutex.lock($))
#define flc_word_lock_try_acquire(l) ((l)->mutex.try_lock($))
#define flc_word_lock_release(l) ((l)->mutex.unlock($))

#endif /* FLC_LOCK_H */
