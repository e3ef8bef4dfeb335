/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fd: an eventfd (a timer brings a timerfd instead) that is readable while a receive
 * would not give FILCH_AGAIN.
 *
 * Armed, it counts among the waiting receivers: the next send finds it, disarms it and
 * writes.  The receive that gives FILCH_AGAIN empties it and arms it, passes the heavy
 * fence and looks again, as a waiter does.
 */
#include "channel/eventfd.h"

#include "base/cancellation.h"
#include "base/fence.h"
#include "channel/kind.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

FLC_HOT void
flc_eventfd_signal(struct filch_channel *ch)
{
	uint64_t one = 1;
	ssize_t written;
	int cancellation;

	if (!ch->fd_armed)
		return;
	cancellation = flc_cancellation_hold();
	ch->fd_armed = false;
	flc_add_full(&ch->waiting[FLC_RECV], (AO_t)-1);
	do
		written = write(ch->fd, &one, sizeof(one));
	while (written < 0 && errno == EINTR);
	flc_cancellation_restore(cancellation);
}

static void
arm(struct filch_channel *ch)
{
	uint64_t count;

	if (ch->fd_armed)
		return;
	int cancellation = flc_cancellation_hold();
	bool emptied = read(ch->fd, &count, sizeof(count)) >= 0 || errno == EAGAIN;
	flc_cancellation_restore(cancellation);
	if (!emptied)
		return;
	ch->fd_armed = true;
	flc_add_full(&ch->waiting[FLC_RECV], 1);
}

void
flc_eventfd_arm(struct filch_channel *ch)
{
	flc_word_lock_acquire(&ch->lock);
	if (ch->fd < 0) {
		flc_word_lock_release(&ch->lock);
		return;
	}
	if (ch->kind->fd_set != NULL) {
		ch->kind->fd_set(ch);
		flc_word_lock_release(&ch->lock);
		return;
	}
	arm(ch);
	flc_word_lock_release(&ch->lock);
	/* store-load [channel.wait]: armed, before the last look. */
	flc_fence_heavy_or_wait();
	if (flc_channel_is_ready(ch, FLC_RECV)) {
		flc_word_lock_acquire(&ch->lock);
		flc_eventfd_signal(ch);
		flc_word_lock_release(&ch->lock);
	}
}

int
filch_channel_fd(filch_channel *channel, int *fd)
{
	if (channel == NULL || fd == NULL)
		return FILCH_INVAL;
	if (flc_channel_is_old(channel))
		return FILCH_FORKED;
	flc_word_lock_acquire(&channel->lock);
	if (channel->fd < 0) {
		channel->fd = channel->kind->fd_create != NULL ? channel->kind->fd_create()
		    : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (channel->fd < 0) {
			flc_word_lock_release(&channel->lock);
			return FILCH_AGAIN;
		}
		flc_store_release(&channel->notices, 1);
	}
	*fd = channel->fd;
	flc_word_lock_release(&channel->lock);
	/* As after FILCH_AGAIN: from here on it says what holds. */
	flc_eventfd_arm(channel);
	return FILCH_OK;
}
